"""New words and synonyms are measured before they go live."""

import pytest

from search import text, trial
from search.documents import Document
from search.plain_files import WrongFile

RECORDS = [
    Document(1, "r1", "result", "压榨后渣饼的残脂"),
    Document(2, "r2", "result", "伺服电机转子"),
    Document(3, "r3", "result", "超临界萃取柱"),
]
QUERIES = {"n1": "饼粕", "n2": "转子"}
QRELS = {"n1": {"r1": 3, "r2": 0}, "n2": {"r2": 3, "r1": 0}}


def proposal(tmp_path, *lines):
    path = tmp_path / "new.tsv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return trial.read_proposal(path)


def test_a_synonym_that_finds_more_shows_as_a_gain_and_names_the_query(tmp_path):
    found = trial.try_out(RECORDS, QUERIES, QRELS, proposal(tmp_path, "# new", "", "term\t饼粕|渣饼\ttest"))
    assert (found.before["recall"].value, found.after["recall"].value) == (0.5, 1.0)
    assert found.difference["recall"].value == 0.5
    assert found.found_differently == ("n1",)
    assert (found.empty_before, found.empty_after) == (1, 0)


def test_a_word_shows_which_records_are_cut_differently_and_is_gone_afterwards(tmp_path):
    before = text.words("超临界萃取柱")
    found = trial.try_out(RECORDS, QUERIES, QRELS, proposal(tmp_path, "临界萃取柱\t90000000\tn\ttest"))
    assert found.cut_differently == ("r3",)
    assert text.words("超临界萃取柱") == before
    assert "临界萃取柱" not in [entry.word for entry in text.dictionary()]


@pytest.mark.parametrize("line", ["word", "word\tmany\tn\ttest", "term\tone\ttest", "term\ta|\ttest", "term\ta|b"])
def test_a_line_that_cannot_be_read_is_named(tmp_path, line):
    with pytest.raises(WrongFile, match="line 2"):
        proposal(tmp_path, "# head", line)
