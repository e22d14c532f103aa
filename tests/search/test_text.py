"""Tokens: jieba is the definition, rjieba the fast way; what is normalised, what is cut, and what the version depends on."""

import json
import os
from pathlib import Path

import pytest

from search import text

DEMO = Path(__file__).parents[2] / "etl" / "demo" / "data"


def demo_texts():
    """Every string of the demo market, and every word of the dictionary beside each other."""
    yield "".join(entry.word for entry in text.dictionary())
    for file in sorted(DEMO.rglob("*.json*")):
        yield file.read_text(encoding="utf-8")


def unequal(texts):
    """Count texts that the two segmenters cut differently, in search mode or plainly."""
    fast, slow = text.rjieba_cutter(), text.jieba_cutter()
    found = []
    for given in texts:
        runs = [run for run in text.runs(text.normalise(given)) if text.is_han(run)]
        found += [run for run in runs if fast.search(run) != slow.search(run) or fast.plain(run) != slow.plain(run)]
    return found


@pytest.mark.skipif(text.segmenter_name() != "rjieba", reason="rjieba has no wheel here: jieba itself is used")
def test_rjieba_cuts_the_demo_market_as_jieba_does():
    texts = list(demo_texts())
    assert sum(map(len, texts)) > 100_000
    assert unequal(texts) == []


@pytest.mark.realdata
@pytest.mark.skipif("YAOSU_REALDATA" not in os.environ, reason="YAOSU_REALDATA names no folder of real records")
def test_rjieba_cuts_real_records_as_jieba_does():
    files = sorted(Path(os.environ["YAOSU_REALDATA"]).glob("*.jsonl"))
    rows = (json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines())
    assert unequal("\n".join(str(value) for value in row.values()) for row in rows) == []


NORMAL = {
    "Ｑ２３５－Ｂ　钢": "q235-b 钢",
    "青 蒿\n素": "青蒿素",
    "環氧樹脂": "环氧树脂",
    "PM2.5 ①": "pm2.5 1",
    "\x00a\ud800b": " a b",
    "": "",
}


@pytest.mark.parametrize(("given", "wanted"), NORMAL.items(), ids=ascii)
def test_a_text_has_one_spelling(given, wanted):
    assert text.normalise(given) == wanted


def test_a_long_word_comes_with_the_words_inside_it():
    assert {"青蒿", "青蒿素"} <= set(text.words("青蒿素提取"))


def test_words_of_the_dictionary_stay_whole():
    for entry in text.dictionary():
        word = text.normalise(entry.word)
        if text.is_han(word):
            assert word in text.words(word), word


def test_every_word_of_the_dictionary_has_a_frequency_and_a_source():
    assert all(entry.frequency > 0 and entry.tag and entry.source for entry in text.dictionary())


def test_model_numbers_come_whole_besides_their_pieces():
    assert text.words("q235-b与3.5") == ["q235", "b", "与", "3", "5", "q235b", "35"]
    assert text.joined("a-" * 60 + "a") == []


def test_bigrams_and_characters_cover_every_character():
    assert text.bigrams("冷榨机a3油") == ["冷榨", "榨机", "a3", "油"]
    assert text.characters("冷榨a3") == ["冷", "榨", "a3"]


def test_whole_words_follow_each_other_without_overlap():
    given = "利用超临界二氧化碳萃取青蒿素"
    assert "".join(text.whole_words(given)) == given


def test_the_version_of_the_chain_names_library_characters_and_dictionary(monkeypatch, tmp_path):
    before = text.chain_version.__wrapped__()
    assert before == text.CHAIN_VERSION and "jieba" in before and "opencc" in before
    (tmp_path / "dictionary.tsv").write_text("新词\t3\tn\ttest\n", encoding="utf-8")
    monkeypatch.setattr(text, "DATA", tmp_path)
    assert text.chain_version.__wrapped__() != before


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", ["1", "a1", "a-", "1.", "锰"])
def test_no_text_takes_the_processor_for_itself(piece):
    """Read in one pass these take a moment; a pattern that begins anew at each character would take hours."""
    long = piece * (300_000 // len(piece))
    assert text.analyse(text.normalise(long)).words
