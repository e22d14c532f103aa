"""The vectors of the reference, sections 13.1, 13.2, 13.4 and 7."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.capital_words import capital_words
from services.contracts.numbers import check_patent_number, check_registration_number, check_uscc


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (140950, "人民币壹仟肆佰零玖元伍角整"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (10700053, "人民币壹拾万柒仟元零伍角叁分"),
        (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32504, "人民币叁佰贰拾伍元零肆分"),
        (900080000, "人民币玖佰万零捌佰元整"),
        (0, "人民币零元整"),
        (5, "人民币伍分"),
        (30, "人民币叁角整"),
        (100, "人民币壹元整"),
        (1000000, "人民币壹万元整"),
        (10000000000, "人民币壹亿元整"),
        (10000000100, "人民币壹亿零壹元整"),
        (1000100000000, "人民币壹佰亿零壹佰万元整"),
        (100_000_000_000_000, "人民币壹万亿元整"),
        (100_000_100_000_000, "人民币壹万亿零壹佰万元整"),
        (100_010_000_000_000, "人民币壹万零壹亿元整"),
        (186_000_000, "人民币壹佰捌拾陆万元整"),
    ],
)
def test_an_amount_reads_in_capital_words_as_banks_write_it(fen, words):
    assert capital_words(fen) == words


@given(st.integers(min_value=0, max_value=10**17))
def test_capital_words_never_say_two_zeros_in_a_row_and_always_begin_with_the_currency(fen):
    words = capital_words(fen)
    assert words.startswith("人民币")
    assert "零零" not in words
    assert words.endswith("分") == bool(fen % 10)


def test_an_amount_that_no_contract_states_has_no_capital_words():
    for fen in (-1, 10**18):
        with pytest.raises(ValueError):
            capital_words(fen)


@pytest.mark.parametrize("code", ["91110000101623741K", "911101066976941872", " 9111 0000-101623741k "])
def test_a_true_credit_code_passes(code):
    assert check_uscc(code, {"91"}).ok


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91350211M0000XUF46", "uscc_checksum"),
        ("9135021", "uscc_length"),
        ("91350211I0000XUF46", "uscc_alphabet"),
    ],
)
def test_a_doubtful_credit_code_says_what_is_doubtful(code, problem):
    assert check_uscc(code).problem == problem


def test_the_check_character_that_was_expected_is_told():
    assert check_uscc("91350211M0000XUF46").expected == "R"


def test_a_prefix_that_nobody_gives_out_is_noticed_where_the_list_is_known():
    assert check_uscc("91110000101623741K", {"12"}).problem == "uscc_prefix"


@pytest.mark.parametrize(
    "number", ["201710601862.3", "95115608.X", "ZL201710601862.3", "ZL 2017 1 0601862.3", "CN95115608.X"]
)
def test_a_true_patent_number_passes_however_it_is_written(number):
    assert check_patent_number(number).ok


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("201710601862.4", "patent_number_checksum"),
        ("201750601862.3", "patent_number_type"),
        ("软著登字第1号", "patent_number_shape"),
    ],
)
def test_a_wrong_patent_number_says_what_is_wrong(number, problem):
    assert check_patent_number(number).problem == problem


@pytest.mark.parametrize("number", ["20254311260000 01", "２０２５４３１１２６０００００１", "25431126000001"])
def test_a_registration_number_of_fourteen_or_sixteen_digits_is_taken(number):
    assert check_registration_number(number).ok


def test_a_registration_number_of_another_length_is_a_warning_that_keeps_the_number():
    check = check_registration_number("2025-4311")
    assert (check.number, check.problem) == ("20254311", "registration_number_length")
