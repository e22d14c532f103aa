"""Numbers of records in every spelling that people use, and what only looks like one."""

import pytest

from search.numbers import check_digit, find_numbers, token

PATENT = "CN202310375785.X"
SPELLINGS = [
    "CN202310375785.X", "cn202310375785.x", "ZL202310375785.X", "ZL 2023 1 0375785.X", "zl 2023 1 0375785 . x", "ZL2023 1 0375785X",
    "202310375785.X", "202310375785.x", "202310375785X", "202310375785", "CN202310375785", "ＣＮ２０２３１０３７５７８５．Ｘ", "ZL：202310375785.X",
    "CN 202310375785．X", "专利号ZL202310375785.X", "（专利号：202310375785.X）", "CN.202310375785.X", "申请号202310375785·X",
]  # fmt: skip


@pytest.mark.parametrize("written", SPELLINGS)
def test_a_patent_number_is_one_number_however_it_is_written(written):
    [found] = find_numbers(written)
    assert (found.kind, found.value) == ("patent", PATENT)


def test_the_check_digit_is_said_to_be_right_missing_or_wrong():
    checks = {"ZL202310375785.X": "valid", "ZL202310375785": "missing", "ZL202310375785.3": "wrong"}
    assert {written: find_numbers(written)[0].check for written in checks} == checks
    assert check_digit("202310375785") == "X"


OTHERS = [
    ("ZL95102345.6", "patent", None),
    ("CN111234567A", "publication", "CN111234567A"),
    ("cn 1234567 b", "publication", "CN1234567B"),
    ("PCT/CN2023/123456", "pct", "PCT/CN2023/123456"),
    ("pctcn2023123456", "pct", "PCT/CN2023/123456"),
    ("n-2026-000123", "code", "N-2026-000123"),
    ("Ｒ－２０２６－０００００１", "code", "R-2026-000001"),
    ("c2026000007", "code", "C-2026-000007"),
    ("91350100M000100Y43", "uscc", "91350100M000100Y43"),
    ("合同登记编号：2026430000123456", "contract", "2026430000123456"),
    ("登记号 20264300001234", "contract", "20264300001234"),
    (" 2026430000123456 ", "contract", "2026430000123456"),
]


@pytest.mark.parametrize(("written", "kind", "value"), OTHERS)
def test_other_numbers_are_known_by_their_form(written, kind, value):
    [found] = find_numbers(written)
    assert found.kind == kind and (value is None or found.value == value)


NONE = [
    "20230101",
    "2023年10月",
    "13812345678",
    "GB/T 1234-2020",
    "5.1.0375785",
    "流水号2026430000123456789",
    "202310375785.3",
    "X-2026-000123",
    "长度2026430000123456。",
]


@pytest.mark.parametrize("written", NONE)
def test_what_only_looks_like_a_number_is_none(written):
    assert find_numbers(written) == []


def test_places_are_characters_of_the_text_as_given():
    given = "😀见ＺＬ２０２３　１　０３７５７８５．Ｘ，以及N-2026-000123。"
    first, second = find_numbers(given)
    assert given[first.start : first.end] == "ＺＬ２０２３　１　０３７５７８５．Ｘ"
    assert given[second.start : second.end] == "N-2026-000123"


def test_several_numbers_are_found_in_their_order():
    given = "201610018402.3 、201620026406.1、ZL 2016 1 0034812.7"
    assert [found.value for found in find_numbers(given)] == [
        "CN201610018402.3",
        "CN201620026406.1",
        "CN201610034812.7",
    ]


def test_the_token_of_a_number_has_letters_and_digits_only():
    assert token("PCT/CN2023/123456") == "pctcn2023123456" and token(PATENT) == "cn202310375785x"
