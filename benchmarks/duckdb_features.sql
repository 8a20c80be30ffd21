-- The features of benchmarks/pack as DuckDB SQL: every feature of every rule in it, at every
-- payment the rule applies to. One query for the rules that look at the same payments; windows are
-- named and shared wherever DuckDB can share them. Each query materialises its features as one sum
-- a feature, so that nothing has to be written and nothing can be left out.
--
-- The runner gives the view `payments` (the Parquet files, nothing more), the variable `rates` (the
-- pack's rates) and the number of threads.
--
-- What SQL does not say in the same way:
--   * RANGE windows hold all peers, that is rows of the same instant, also those that come later in
--     the order. The simulated data has no two rows at one instant, so the sums must agree.
--   * The engine's windows leave out the row exactly one length ago: here a microsecond less.
--   * The engine's mean and std start from exact integers; here they are floating-point sums.
--   * Money converted to CNY is rounded half up, not half-even.
--   * Money is in hundredths, times in microseconds since 1970, so that a window is plain integers.
--     Integer windows, and filters in place of a query a rule, make DuckDB as fast as we know how.

-- Days are counted since 1970 in the time zone of the pack, eight hours east.
CREATE TEMP TABLE rates AS
SELECT
    currency,
    rate::DECIMAL(12, 6) AS rate,
    date - DATE '1970-01-01' AS since,
    lead(since, 1, 1000000) OVER (PARTITION BY currency ORDER BY date) AS until
FROM read_csv(getvariable('rates'));

CREATE TEMP TABLE moments AS
SELECT
    epoch_us(event_time) AS moment,
    kind,
    CASE
        WHEN payments.currency = 'CNY' THEN (amount * 100)::BIGINT
        ELSE round(amount * rate * 100)::BIGINT
    END AS amount,
    (debtor_balance * 100)::BIGINT AS balance,
    debtor_account AS debtor,
    creditor_account AS creditor,
    debtor_segment,
    device_id AS device
FROM payments
LEFT JOIN rates
    ON payments.currency = rates.currency
    AND (epoch_us(event_time) + 28800000000) // 86400000000 >= since
    AND (epoch_us(event_time) + 28800000000) // 86400000000 < until;

-- Rules by account: pass-through, cash-out, dormant-account-wakes. A payment stands once a side.
WITH sides AS (
    SELECT moment, kind, amount, debtor AS account, creditor AS counterparty, false AS incoming
    FROM moments WHERE debtor IS NOT NULL AND amount IS NOT NULL
    UNION ALL
    SELECT moment, kind, amount, creditor, debtor, true
    FROM moments WHERE creditor IS NOT NULL AND amount IS NOT NULL
),
bases AS (
    SELECT
        *,
        moment - lag(moment) OVER (PARTITION BY account ORDER BY moment) AS idle,
        kind IN ('transfer', 'cash_deposit', 'cash_withdrawal') AS passes,
        kind IN ('transfer', 'cash_withdrawal') AS cashes,
        kind = 'cash_withdrawal' AS in_cash
    FROM sides
),
features AS (
    SELECT
        passes,
        cashes,
        idle,
        sum(amount) FILTER (passes AND incoming) OVER day AS pass_received,
        count(*) FILTER (passes AND incoming) OVER day AS pass_credits,
        sum(amount) FILTER (passes AND NOT incoming) OVER day AS pass_sent,
        count(*) FILTER (passes AND NOT incoming) OVER day AS pass_debits,
        count(DISTINCT counterparty) FILTER (passes AND incoming) OVER day AS pass_senders,
        max(moment) FILTER (passes AND incoming) OVER day AS pass_last_in,
        moment - max(moment) FILTER (passes AND incoming) OVER day AS pass_held,
        sum(amount) FILTER (cashes AND incoming) OVER three_days AS cash_received,
        sum(amount) FILTER (in_cash) OVER three_days AS cash_withdrawn,
        count(*) FILTER (in_cash) OVER three_days AS cash_withdrawals,
        count(DISTINCT counterparty) FILTER (cashes AND incoming) OVER three_days AS cash_senders,
        max(idle) OVER two_days AS slept,
        sum(amount) FILTER (incoming) OVER two_days AS woken_received,
        count(*) FILTER (incoming) OVER two_days AS woken_credits
    FROM bases
    WINDOW
        day AS (
            PARTITION BY account ORDER BY moment
            RANGE BETWEEN 86399999999 PRECEDING AND CURRENT ROW
        ),
        two_days AS (
            PARTITION BY account ORDER BY moment
            RANGE BETWEEN 172799999999 PRECEDING AND CURRENT ROW
        ),
        three_days AS (
            PARTITION BY account ORDER BY moment
            RANGE BETWEEN 259199999999 PRECEDING AND CURRENT ROW
        )
)
SELECT
    sum(pass_received) FILTER (passes) / 100 AS "pass-through.received",
    sum(pass_credits) FILTER (passes) AS "pass-through.credits",
    sum(pass_sent) FILTER (passes) / 100 AS "pass-through.sent",
    sum(pass_debits) FILTER (passes) AS "pass-through.debits",
    sum(pass_senders) FILTER (passes) AS "pass-through.senders",
    sum(pass_last_in) FILTER (passes) AS "pass-through.last_in",
    sum(pass_held) FILTER (passes) AS "pass-through.held",
    sum(cash_received) FILTER (cashes) / 100 AS "cash-out.received",
    sum(cash_withdrawn) FILTER (cashes) / 100 AS "cash-out.withdrawn",
    sum(cash_withdrawals) FILTER (cashes) AS "cash-out.withdrawals",
    sum(cash_senders) FILTER (cashes) AS "cash-out.senders",
    sum(idle) AS "dormant-account-wakes.idle",
    sum(slept) AS "dormant-account-wakes.slept",
    sum(woken_received) / 100 AS "dormant-account-wakes.received",
    sum(woken_credits) AS "dormant-account-wakes.credits"
FROM features;

-- Rules over transfers: safe-account-drip, new-payee-drain, fan-in.
WITH transfers AS (
    SELECT moment, amount, balance, debtor, creditor
    FROM moments WHERE kind = 'transfer' AND amount IS NOT NULL AND creditor IS NOT NULL
),
pairs AS (
    SELECT
        *,
        CASE WHEN debtor IS NOT NULL THEN moment - min(moment) OVER ever END AS known_for,
        count(*) FILTER (amount <= 500000) OVER day AS small,
        sum(amount) FILTER (amount <= 500000) OVER day AS total,
        sum(amount) OVER day AS moved,
        first_value(balance) OVER day AS opening
    FROM transfers
    WINDOW
        ever AS (
            PARTITION BY debtor, creditor ORDER BY moment
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        day AS (
            PARTITION BY debtor, creditor ORDER BY moment
            RANGE BETWEEN 86399999999 PRECEDING AND CURRENT ROW
        )
),
features AS (
    SELECT
        *,
        moment - min(moment) OVER customer AS customer_for,
        count(DISTINCT debtor) OVER payee_day AS payers,
        count(DISTINCT debtor) FILTER (known_for <= 604800000000) OVER payee AS new_payers,
        sum(amount) OVER payee AS received,
        avg(amount) OVER payee AS typical,
        stddev_samp(amount) OVER payee AS spread
    FROM pairs
    WINDOW
        customer AS (
            PARTITION BY debtor ORDER BY moment
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        payee_day AS (
            PARTITION BY creditor ORDER BY moment
            RANGE BETWEEN 86399999999 PRECEDING AND CURRENT ROW
        ),
        payee AS (
            PARTITION BY creditor ORDER BY moment
            RANGE BETWEEN 172799999999 PRECEDING AND CURRENT ROW
        )
)
SELECT
    sum(small) FILTER (debtor IS NOT NULL) AS "safe-account-drip.small",
    sum(total) FILTER (debtor IS NOT NULL) / 100 AS "safe-account-drip.total",
    sum(known_for) AS "safe-account-drip.known_for",
    sum(customer_for) FILTER (debtor IS NOT NULL) AS "safe-account-drip.customer_for",
    sum(payers) FILTER (debtor IS NOT NULL) AS "safe-account-drip.payers",
    sum(moved) FILTER (debtor IS NOT NULL) / 100 AS "new-payee-drain.moved",
    sum(opening) FILTER (debtor IS NOT NULL) / 100 AS "new-payee-drain.opening",
    sum(known_for) AS "new-payee-drain.known_for",
    sum(customer_for) FILTER (debtor IS NOT NULL) AS "new-payee-drain.customer_for",
    sum(known_for) AS "fan-in.paid_for",
    sum(new_payers) AS "fan-in.payers",
    sum(received) / 100 AS "fan-in.received",
    sum(typical) / 100 AS "fan-in.typical",
    sum(spread) / 100 AS "fan-in.spread"
FROM features;

-- Rules over devices: shared-device, and what stranger-device knows of the device.
WITH seen AS (
    SELECT moment, kind, amount, debtor, device, debtor_segment = 'retail' AS retail
    FROM moments WHERE device IS NOT NULL AND (amount IS NOT NULL OR kind = 'login')
),
features AS (
    SELECT
        debtor,
        retail,
        count(DISTINCT debtor) FILTER (retail) OVER week AS accounts,
        count(*) FILTER (retail AND kind = 'login') OVER week AS logins,
        coalesce(sum(amount) FILTER (retail) OVER week, 0) AS moved,
        count(DISTINCT debtor) OVER month AS month_accounts,
        moment - min(moment) OVER pair AS on_device_for
    FROM seen
    WINDOW
        week AS (
            PARTITION BY device ORDER BY moment
            RANGE BETWEEN 604799999999 PRECEDING AND CURRENT ROW
        ),
        month AS (
            PARTITION BY device ORDER BY moment
            RANGE BETWEEN 2591999999999 PRECEDING AND CURRENT ROW
        ),
        pair AS (
            PARTITION BY debtor, device ORDER BY moment
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        )
)
SELECT
    sum(accounts) FILTER (retail) AS "shared-device.accounts",
    sum(logins) FILTER (retail) AS "shared-device.logins",
    sum(moved) FILTER (retail) / 100 AS "shared-device.moved",
    sum(month_accounts) FILTER (debtor IS NOT NULL) AS "stranger-device.accounts",
    sum(on_device_for) FILTER (debtor IS NOT NULL) AS "stranger-device.on_device_for"
FROM features;

-- stranger-device looks at payments without a device, too.
WITH features AS (
    SELECT
        moment - min(moment) OVER (
            PARTITION BY debtor ORDER BY moment
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS customer_for
    FROM moments WHERE debtor IS NOT NULL AND (amount IS NOT NULL OR kind = 'login')
)
SELECT sum(customer_for) AS "stranger-device.customer_for" FROM features;
