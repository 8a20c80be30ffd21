"""ISO 4217 codes and how many decimal places an amount of each may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.sources.text_scan import LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.kernels.compiled import Array

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_TWO = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR
    LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD
    PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC
    SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR
    ZMW ZWG
"""
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_WITHDRAWN = "ANG CUC EEK HRK LTL LVL MRO SKK SLL STD VEF ZMK ZWL"
"""Two decimals; no longer in use, but older ledgers are booked in them."""

MINOR_DIGITS: Mapping[str, int] = {
    code: digits
    for digits, codes in ((0, _NONE), (2, _TWO + _WITHDRAWN), (3, _THREE), (4, _FOUR))
    for code in codes.split()
}
"""Currency code -> decimal places of its minor unit."""


def _by_place() -> Array:
    digits = np.full(LETTERS**3, -1, np.int64)
    for code, count in MINOR_DIGITS.items():
        places = [ord(letter) - ord("A") for letter in code]
        digits[(places[0] * LETTERS + places[1]) * LETTERS + places[2]] = count
    digits.setflags(write=False)
    return digits


DIGITS_BY_PLACE = _by_place()
"""For AAA, AAB and so on the decimal places of the currency's minor unit; -1 if there is none."""

CODES = pl.Enum(sorted(MINOR_DIGITS))
"""Every known code, as a Polars type: casting to it leaves null where a code is unknown."""

_BY_CODE = pl.Series([MINOR_DIGITS[code] for code in CODES.categories], dtype=pl.Int8)


def minor_digits(codes: pl.Series) -> pl.Series:
    """Decimal places of each currency of a ``CODES`` column; null where the currency is null."""
    return _BY_CODE.gather(codes.to_physical())
