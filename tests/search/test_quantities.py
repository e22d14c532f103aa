"""Quantities in free text: every case of the table, places in the text as given, names, and input that nobody meant."""

import re
from pathlib import Path

import pytest

from search import text
from search.quantities import find_quantities

TABLE = Path(__file__).parent / "cases" / "quantities.txt"


def cases():
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            given, _, wanted = line.partition(" =")
            yield given, [expected(one) for one in wanted.split(" ; ") if one.strip()]


def expected(written):
    piece, comparison, low, high, unit, *more = (part.strip() for part in re.split(r"\s/(?:\s|$)", written.lstrip()))
    return piece, comparison, number(low), number(high), unit, "rel" in more


def number(written):
    return None if written == "-" else float(written)


def seen(given):
    return [(given[q.start : q.end], q.comparison, q.low, q.high, q.unit, q.relative) for q in find_quantities(given)]


@pytest.mark.parametrize(("given", "wanted"), list(cases()), ids=lambda value: value if isinstance(value, str) else "")
def test_a_quantity_is_read_as_the_table_says(given, wanted):
    assert seen(given) == wanted


def test_the_table_has_two_hundred_cases_and_more():
    assert len(list(cases())) >= 200


def test_the_thing_a_quantity_belongs_to_is_named():
    names = {
        "导热系数≥5W/(m·K)": "导热系数",
        "纤维的直径为φ0.25mm": "直径",
        "纯度（≥98%）": "纯度",
        "使残油降低到5%以下": "残油",
        "年产能：3万吨/年": "年产能",
        "承受3MPa的压力": "压力",
        "预计投入研发费用50万元": "研发费用",
        "去除率可达99%以上": "去除率",
        "降解率均高达98.8%": "降解率",
        "容量保持率≥90%": "容量保持率",
        "细胞的活率，基本大于90%": "活率",
        "识别准确率较传统方法提升30%": "识别准确率",
        "比容量可以提高10%": "比容量",
        "硫含量降到300ppm以下": "硫含量",
        "供货周期长达2个月": "供货周期",
        "PM2.5最终回收率93%": "最终回收率",
        "将二氧化锰于300℃下煅烧": "",
        "在真空中升温至1300℃": "",
        "本发明对756例患者": "",
        "加5份烧结助剂": "",
    }
    assert {given: find_quantities(given)[0].name for given in names} == names


def test_a_name_is_not_taken_from_across_another_quantity():
    assert [q.name for q in find_quantities("厚度3mm，5MPa")] == ["厚度", ""]


def test_what_becomes_less_is_told_from_what_becomes_more():
    assert [q.falls for q in find_quantities("效率提高20%，能耗降低10%，比现有产品轻20%")] == [False, True, True]


@pytest.mark.parametrize(
    "given", ["", "\x00", "\ud800", "𠮷5mm", "5" * 3000, "1" + "万" * 3000, "(" * 5000, "≥" * 5000]
)
def test_nothing_that_can_be_typed_stops_the_reading(given):
    for found in find_quantities(given):
        assert 0 <= found.start < found.end <= len(given)


def test_places_are_characters_of_the_text_as_given():
    given = "😀𠮷 Ａ厚度：　３．５ｍｍ。"
    [found] = find_quantities(given)
    assert given[found.start : found.end] == "３．５ｍｍ"


def test_every_unit_of_the_file_has_a_source_and_a_meaning():
    rows = list(text.read_table(text.DATA / "units.tsv"))
    assert rows and all(len(row) == 8 and all(row) for row in rows)
