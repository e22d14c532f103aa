"""The invented words of the demo market: enough of them, every one different, and nobody real in them."""

import json
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from services.contracts.numbers import check_patent_number, check_uscc

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "etl" / "demo" / "data"
GROUND = ROOT / "services" / "ground" / "data"
TEXTS = {
    "organisations": ("intro",),
    "needs": ("title", "summary", "body"),
    "results": ("title", "summary", "body"),
    "patents": ("title", "abstract"),
    "experts": ("intro",),
    "people": ("fields",),
    "deals": ("note", "talk", "message", "scope", "sentence", "next"),
}
KINDS = tuple(TEXTS)
COUNTIES = {f"4311{county}" for county in (*range(22, 30), 81)} | {"431102", "431103"}
COOPERATION = {"entrust", "cooperate", "transfer", "license", "consult", "service"}
COMPARISONS = {"eq", "ge", "gt", "le", "lt", "between", "approx", "tolerance"}
LEVELS = {"public", "after_contact", "after_confidentiality", "own_side"}
SAME_FROM = 12
# Firms and institutes that the plan names. They are real: the demo market must not speak for them.
REAL = re.findall(
    r"\S+",
    """锦络电子 捷力泰 传佳音 诺方舟 华为 经纬辉开 贵德集团 达福鑫 长丰集团 韬讯 百草制药 时代阳光 和广生物 星辰生物
斯依康 恒伟药业 巨米科技 五洲医药 福嘉综环 零陵远达 晶鑫钢化 宁远华创 永州聚力 湖南宇拓 湘江稀土 宇洁活性炭 正海五矿
湖南皓志 湖南湘科 金箭新材料 科力尔 烈岩科技 状元钻头 德明农牧 华维节水 金蚂蚁 熙可食品 山香香料 湖南科技学院
永州职业技术学院 中南大学 湖南大学 湖南中医药大学 湖南农业大学 清华大学 南京航空航天大学 中国科学院 中国农科院
湖南省农科院 湖南省林业科学院 农科五所""",
)


def load(kind):
    files = sorted(DATA.glob(f"{kind}_[ab].jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def market():
    return {kind: load(kind) for kind in KINDS}


@pytest.fixture(scope="module")
def subfields():
    lists = json.loads((GROUND / "vocabulary.json").read_text(encoding="utf-8"))
    return {entry["code"]: entry for a_list in lists if a_list["list"] == "subfield" for entry in a_list["entries"]}


def tight(text):
    return re.sub(r"\s", "", text)


def words_of(kind, row):
    return "\n".join(row.get(field, "") for field in TEXTS[kind])


def test_no_sentence_of_twelve_or_more_characters_stands_twice(market):
    places = defaultdict(list)
    for kind, rows in market.items():
        for row in rows:
            for sentence in re.split(r"[。；！？\n]", words_of(kind, row)):
                if len(tight(sentence)) >= SAME_FROM:
                    places[tight(sentence)].append(row["key"])
    assert {sentence: keys for sentence, keys in places.items() if len(keys) > 1} == {}


def test_the_demo_market_is_as_large_as_promised(market):
    count = {kind: len(rows) for kind, rows in market.items()}
    assert count["organisations"] >= 60
    assert count["needs"] >= 120
    assert count["results"] + count["patents"] >= 300
    assert count["experts"] >= 40
    assert sum(person["role"] == "broker" for person in market["people"]) == 12


def test_organisations_stand_in_all_eleven_counties_and_outside(market):
    regions = {organisation["region_code"] for organisation in market["organisations"]}
    assert regions >= COUNTIES
    assert {code for code in regions if not code.startswith("4311")}


def test_every_region_is_one_the_market_knows(market):
    known = set(re.findall(r'"code": ?"(\d{6})"', (GROUND / "regions.json").read_text(encoding="utf-8")))
    used = {row["region_code"] for rows in market.values() for row in rows if "region_code" in row}
    assert used - known == set()


def test_every_subfield_has_needs_results_and_fitting_chains(market, subfields):
    for kind, least in (("needs", 4), ("results", 5)):
        per_subfield = Counter(row["subfield"] for row in market[kind])
        assert {code: per_subfield[code] for code in subfields if per_subfield[code] < least} == {}
    for kind in ("needs", "results", "experts"):
        wrong = [row["key"] for row in market[kind] if subfields[row["subfield"]]["parent"] != row["chain"]]
        assert wrong == []


def test_a_third_of_the_needs_name_no_term_of_the_plan(market, subfields):
    terms = {tight(term).lower() for entry in subfields.values() for term in entry["attributes"]["terms"]}
    plain = [
        need["key"]
        for need in market["needs"]
        if not any(term in tight(words_of("needs", need)).lower() for term in terms)
    ]
    assert len(plain) * 3 >= len(market["needs"])


def test_every_need_is_its_own_and_not_a_copy_of_a_result(market):
    def pairs(text):
        letters = re.sub(r"[^\w]", "", text)
        return {letters[at : at + 2] for at in range(len(letters) - 1)}

    results = [(row["key"], pairs(words_of("results", row))) for row in market["results"]]
    for need in market["needs"]:
        own = pairs(words_of("needs", need))
        close = [key for key, other in results if len(own & other) > 0.4 * min(len(own), len(other))]
        assert close == [], need["key"]


def test_every_key_is_given_once_and_every_reference_leads_somewhere(market):
    keys = [row["key"] for rows in market.values() for row in rows]
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    organisations = {row["key"] for row in market["organisations"]}
    patents = {row["key"]: row for row in market["patents"]}
    for row in market["needs"] + market["results"]:
        assert row["owner"] in organisations, row["key"]
    for row in market["experts"] + market["people"]:
        assert row["organisation"] in organisations, row["key"]
    for row in market["patents"]:
        assert row["owners"], row["key"]
        assert set(row["owners"]) <= organisations, row["key"]
    for row in market["results"]:
        for key in row["patents"]:
            assert row["owner"] in patents[key]["owners"], f"{row['key']} rests on {key} of somebody else"


def test_names_are_given_once(market):
    for kind in ("organisations", "people", "experts"):
        names = [row["name"] for row in market[kind]]
        assert [name for name, times in Counter(names).items() if times > 1] == []
    for kind in ("needs", "results", "patents"):
        titles = [row["title"] for row in market[kind]]
        assert [title for title, times in Counter(titles).items() if times > 1] == []


def test_nobody_real_is_named(market):
    named = [
        (row["key"], name)
        for rows in market.values()
        for row in rows
        for name in REAL
        if name in tight(json.dumps(row, ensure_ascii=False))
    ]
    assert named == []


def test_credit_codes_carry_a_right_check_character_and_are_given_once(market):
    codes = [row["uscc"] for row in market["organisations"] if row["uscc"]]
    assert [code for code in codes if not check_uscc(code).ok] == []
    assert len(codes) == len(set(codes)) > 0


def test_patent_numbers_carry_a_right_check_digit_and_reach_a_serial_no_office_reached(market):
    kinds = {"1": "invention", "2": "utility_model", "3": "design"}
    numbers = [row["number"] for row in market["patents"]]
    assert [number for number in numbers if not check_patent_number(number).ok] == []
    assert len(numbers) == len(set(numbers))
    for row in market["patents"]:
        year, kind, serial = re.fullmatch(r"(\d{4})(\d)(\d{7})\.[\dX]", row["number"]).groups()
        assert kinds[kind] == row["kind"], row["key"]
        assert serial >= "9700000", row["key"]
        assert row["application_date"].startswith(year), row["key"]


def test_a_granted_patent_was_granted_after_it_was_applied_for(market):
    for row in market["patents"]:
        applied = date.fromisoformat(row["application_date"])
        if row["legal_status"] == "granted":
            assert date.fromisoformat(row["grant_date"]) > applied, row["key"]
        if row["legal_status"] == "pending":
            assert row["grant_date"] is None, row["key"]


def test_parameters_have_a_comparison_that_agrees_with_their_numbers(market):
    needs = {"ge": (True, False), "gt": (True, False), "le": (False, True), "lt": (False, True)}
    for row in market["needs"] + market["results"]:
        for parameter in row["parameters"]:
            low, high = parameter["low"], parameter["high"]
            assert parameter["comparison"] in COMPARISONS, row["key"]
            assert (low is not None, high is not None) == needs.get(parameter["comparison"], (True, True)), row["key"]
            assert low is None or high is None or low <= high, row["key"]


def test_two_thirds_of_the_needs_say_what_can_be_measured_and_some_say_nothing(market):
    measured = sum(bool(need["parameters"]) for need in market["needs"])
    assert len(market["needs"]) * 2 / 3 <= measured + 1
    assert measured < len(market["needs"])


def test_listings_use_the_words_of_the_market(market):
    for row in market["needs"] + market["results"]:
        assert row["cooperation"], row["key"]
        assert set(row["cooperation"]) <= COOPERATION, row["key"]
    for need in market["needs"]:
        assert set(need["levels"].values()) <= LEVELS, need["key"]
        assert (need["budget_low_wan"] or 0) <= (need["budget_high_wan"] or 10**6), need["key"]
    assert {row["maturity"] for row in market["results"]} <= set(range(1, 10))
