"""What is wanted beside what is stated: names, units, intervals, and the sentence that a person can check."""

import pytest

from search.parameters import Answer, Row, answer, same_name, statement


def wanted(name, comparison, low=None, high=None, unit=""):
    return statement(Row(name, comparison, low, high, unit), "")


def told(row, record, *rows):
    return answer(row, [statement(one, f"{one.low}") for one in rows], record)


def verdict(row, record):
    return told(row, record).verdict


def test_a_sentence_of_the_text_answers_with_its_words():
    found = told(wanted("残油", "le", high=5, unit="%"), "本工艺用于茶籽。冷榨后饼粕残油率为4.2%，不发黑。适合小厂。")
    assert found == Answer("met", "4.2%", "冷榨后饼粕残油率为4.2%，不发黑")


def test_a_row_is_believed_before_the_text():
    row = Row("残油", "le", None, 6, "%")
    assert told(wanted("残油率", "le", high=5, unit="%"), "残油4%。", row).verdict == "not_met"


UNITS = [
    ("ge", 2, None, "MPa", "抗压强度达25bar以上", "met"),
    ("ge", 2, None, "MPa", "抗压强度为1500kPa", "not_met"),
    ("ge", 5, None, "W/(m·K)", "抗压强度5.2MPa", "unstated"),
]


@pytest.mark.parametrize(("comparison", "low", "high", "unit", "record", "expected"), UNITS)
def test_values_are_compared_across_units(comparison, low, high, unit, record, expected):
    assert verdict(wanted("抗压强度", comparison, low, high, unit), record) == expected


VERDICTS = [
    (("纯度", "ge", 92, None, "%"), "纯度可达95%", "met"),
    (("纯度", "ge", 92, None, "%"), "纯度为92%", "met"),
    (("纯度", "ge", 92, None, "%"), "纯度不低于90%", "not_met"),
    (("纯度", "ge", 92, None, "%"), "纯度低于80%", "not_met"),
    (("纯度", "ge", 92, None, "%"), "纯度低于99%", "unstated"),
    (("纯度", "ge", 92, None, "%"), "纯度90%~95%", "unstated"),
    (("纯度", "ge", 92, None, "%"), "纯度提高20%", "unstated"),
    (("噪声", "le", None, 70, "dB"), "噪声小于65分贝", "met"),
    (("噪声", "le", None, 70, "dB"), "噪声75dB", "not_met"),
    (("工作温度", "between", -40, 85, "℃"), "工作温度-20~60℃", "not_met"),
    (("工作温度", "between", -40, 85, "℃"), "工作温度-55℃~125℃", "met"),
    (("粒径", "between", 10, 50, "nm"), "粒径为20~30nm", "met"),
    (("粒径", "between", 10, 50, "nm"), "粒径为2μm", "not_met"),
    (("定位精度", "tolerance", -0.05, 0.05, "mm"), "定位精度±0.02mm", "met"),
    (("定位精度", "tolerance", -0.05, 0.05, "mm"), "定位精度±0.1mm", "not_met"),
    (("定位误差", "le", None, 0.05, "mm"), "定位误差±20μm", "met"),
    (("能耗", "change", 20, None, "%"), "能耗降低30%以上", "met"),
    (("能耗", "change", 20, None, "%"), "能耗降低10%", "not_met"),
    (("产能", "ge", 3, None, "万吨/年"), "产能5万吨/年", "met"),
    (("转速", "eq", 3000, 3000, "r/min"), "转速3000rpm", "met"),
    (("pH", "between", 6, 8, ""), "pH为7.2", "met"),
    (("纯度", "ge", 92, None, "级"), "纯度95%", "unstated"),
]


@pytest.mark.parametrize(("row", "record", "expected"), VERDICTS)
def test_each_kind_of_demand_is_judged(row, record, expected):
    assert verdict(wanted(*row), record) == expected


def test_what_others_reach_is_not_taken_for_the_record():
    record = "现有工艺残油8%，能耗高。采用本工艺后残油降至4%。"
    found = told(wanted("残油", "le", high=5, unit="%"), record)
    assert (found.verdict, found.found) == ("met", "4%")


def test_another_thing_with_the_same_unit_says_nothing():
    assert verdict(wanted("残油", "le", high=5, unit="%"), "水分为3%，回收率98%。") == "unstated"


def test_names_that_mean_one_thing():
    assert same_name("残油", "残油率") and same_name("抗拉强度", "强度") and same_name("黏度", "粘度")
    assert not same_name("强度", "强度等级标准") and not same_name("温度", "湿度") and not same_name("", "温度")


def test_a_wider_word_in_a_sentence_answers_nothing():
    assert verdict(wanted("可识别最小线径", "le", high=5, unit="mm"), "线径0.05～0.10 mm的漆包线") == "unstated"
    assert verdict(wanted("线径", "le", high=5, unit="mm"), "可识别最小线径0.10 mm") == "met"


def test_a_difference_to_others_is_no_value():
    assert verdict(wanted("噪声", "le", high=42, unit="dB"), "噪声比全非晶低6 dB") == "unstated"


def test_a_long_sentence_is_cut_around_its_quantity():
    found = told(wanted("残油", "le", high=5, unit="%"), "很长的话" * 200 + "残油为4%" + "还有话" * 200)
    assert len(found.sentence) <= 120 and "残油为4%" in found.sentence
