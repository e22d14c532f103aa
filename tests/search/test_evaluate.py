"""yaosu evaluate match, as a library: plain files in, lists and measures out."""

import json
import os
from pathlib import Path

import pytest

from search import evaluate, measures

NEEDS = [
    {"id": "n1", "title": "油茶籽冷榨出油率低", "body": "残油高，饼粕发黑"},
    {"id": "n2", "title": "伺服 电机 噪声大", "body": None},
]
RESULTS = [
    {"id": "r1", "title": "油茶籽低温冷榨工艺"},
    {"id": "r2", "title": "电机转子动平衡降噪", "body": "用于伺服电机"},
    {"id": "r3", "title": "箱包面料"},
    {"id": "r4", "title": "冷榨机螺旋轴"},
]


def lines(path, rows):
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path):
    return {
        "needs": lines(tmp_path / "needs.jsonl", [json.dumps(row, ensure_ascii=False) for row in NEEDS]),
        "results": lines(tmp_path / "results.jsonl", [json.dumps(row, ensure_ascii=False) for row in RESULTS]),
    }


def evaluated(files, **options):
    settings = {name: options.pop(name) for name in ("top", "vectors", "known_texts", "progress") if name in options}
    return evaluate.evaluate_match(evaluate.Files(**files, **options), **settings)


def test_each_need_gets_its_best_results_first_in_a_plain_list(files, tmp_path):
    seen = []
    found = evaluated(files, out=tmp_path / "list.tsv", top=2, progress=lambda *step: seen.append(step))
    rows = [line.split("\t") for line in (tmp_path / "list.tsv").read_text().splitlines()]
    assert [row[0] for row in rows] == ["n1", "n1", "n2", "n2"]
    assert (rows[0][1], rows[2][1]) == ("r1", "r2")
    assert float(rows[0][2]) > float(rows[1][2])
    assert seen == [(1, 2), (2, 2)]
    assert (found.needs, found.results, found.measures) == (2, 4, {})


def test_pairs_come_back_with_score_and_level_in_the_order_asked_and_a_head_line_is_tolerated(files, tmp_path):
    asked = lines(tmp_path / "pairs.tsv", ["need_id\tresult_id", "n1\tr3", "n1\tr1"])
    evaluated(files, pairs=asked, pairs_out=tmp_path / "out.tsv")
    rows = [line.split("\t") for line in (tmp_path / "out.tsv").read_text().splitlines()]
    assert [row[:2] for row in rows] == [["n1", "r3"], ["n1", "r1"]]
    assert rows[0][2:] == ["0.000000", "1"]
    assert 1 <= int(rows[1][3]) <= 4


def test_labels_give_measures_with_intervals_and_the_difference_to_the_reference(files, tmp_path):
    qrels = lines(tmp_path / "qrels", ["n1 0 r1 3", "n1 0 r3 0", "n2 0 r2 2", "n2 0 r4 0"])
    labels = lines(tmp_path / "labels.tsv", ["need_id\tresult_id\tlevel", "n1\tr1\t4", "n2\tr4\t1"])
    found = evaluated(files, qrels=qrels, labels=labels)
    assert found.judged_needs == 2
    assert {name: value.value for name, value in found.measures.items() if name != "grade"} == dict.fromkeys(
        ("judged", "full", "recall", "mrr"), 1.0
    )
    assert set(found.difference) == {"judged", "full", "recall", "mrr"}
    assert 0.25 <= found.measures["grade"].value <= 1
    assert any("judged" in line for line in evaluate.as_table(found))


def test_labels_alone_measure_the_levels(files, tmp_path):
    labels = lines(tmp_path / "labels.tsv", ["n1\tr1\t4", "n2\tr4\t1"])
    assert set(evaluated(files, labels=labels).measures) == {"grade"}


def test_more_texts_to_learn_from_make_vectors_and_the_ranker_says_which(files, tmp_path):
    texts = [
        json.dumps(
            {
                "title": f"油茶籽冷榨工艺第{n}种",
                "abstract": "电机转子动平衡，残油与饼粕，箱包面料防水整理，伺服驱动器噪声过大需要降低",
            }
        )
        for n in range(60)
    ]
    learned = evaluated(files, train=(lines(tmp_path / "more.jsonl", texts),))
    alone = evaluated(files)
    assert "character vectors" in learned.ranker
    assert learned.learned_from == 66
    assert "vectors" not in alone.ranker
    assert alone.learned_from == 0


def test_a_record_that_comes_twice_is_listed_once(files, tmp_path):
    files["results"].write_text(files["results"].read_text() * 2)
    evaluated(files, out=tmp_path / "list.tsv")
    rows = [line.split("\t")[:2] for line in (tmp_path / "list.tsv").read_text().splitlines()]
    assert len(rows) == len({tuple(row) for row in rows}) == 8


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("needs", "{broken", 1),
        ("results", '{"id": "r1", "title": "a"}\n[1]', 2),
        ("results", '{"id": "r1", "title": "a"}\n\n{"id": "r2"}', 3),
        ("results", '{"id": "r1", "title": {"a": 1}}', 1),
        ("results", '{"id": "r\\t1", "title": "a"}', 1),
        ("pairs", "n1\tr1\nn1\tnothere", 2),
        ("pairs", "n1", 1),
        ("labels", "need\tresult\tlevel\nn1\tr1\t7", 2),
        ("qrels", "n1 0 r1 1\nn1 0 r2 good", 2),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_nothing_is_written(files, tmp_path, name, text, line):
    wrong = {**files, name: lines(tmp_path / "wrong", [text])}
    with pytest.raises(evaluate.WrongFile) as refused:
        evaluated(wrong, out=tmp_path / "list.tsv")
    assert refused.value.line == line
    assert not (tmp_path / "list.tsv").exists()


def test_a_line_that_is_no_utf8_is_named(files):
    files["results"].write_bytes(b'{"id": "r1", "title": "a"}\n{"id": "r2", "title": "\xff"}\n')
    with pytest.raises(evaluate.WrongFile, match="line 2"):
        evaluated(files)


def test_measures_follow_their_definitions():
    qrels = {"n": {"a": 3, "b": 1, "c": 0}, "without a good one": {"a": 1}}
    found = measures.per_need({"n": ["x", "b", "c", "a"]}, qrels)
    ideal = 7 + 1 / 1.584962500721156
    assert found["judged"] == pytest.approx([(1 + 7 / 2) / ideal])
    assert found["full"] == pytest.approx([(1 / 1.584962500721156 + 7 / 2.321928094887362) / ideal])
    assert found["recall"] == pytest.approx([1.0])
    assert found["mrr"] == pytest.approx([0.25])
    assert measures.grade({("n", "a"): 4, ("n", "b"): 2}, [("n", "a", 4), ("n", "b", 4)]).value == pytest.approx(0.5)


@pytest.mark.realdata
@pytest.mark.skipif("YAOSU_EVALUATION" not in os.environ, reason="YAOSU_EVALUATION names no folder")
def test_the_labelled_set_is_ranked_as_well_as_the_recipe_promises():
    folder = Path(os.environ["YAOSU_EVALUATION"])
    files = {"needs": folder / "needs.jsonl", "results": folder / "results.jsonl"}
    found = evaluated(files, qrels=folder / "qrels.trec", labels=folder / "labels.tsv")
    least = {"judged": 0.68, "full": 0.31, "recall": 0.48, "grade": 0.685}
    assert {name: found.measures[name].value >= value for name, value in least.items()} == dict.fromkeys(least, True)
    assert found.difference["judged"].low > 0
    assert found.difference["full"].low > 0
    letters = evaluated(files, qrels=folder / "qrels.trec", vectors=False)
    assert letters.measures["judged"].value >= 0.676
    assert letters.measures["full"].value >= 0.291
    assert letters.measures["recall"].value >= 0.467
