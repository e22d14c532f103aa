"""Vectors of characters: what keeps the same company lies near, they survive the disk, and a stranger gets none."""

import numpy as np
import pytest

from search import ranking, text, vector_training, vectors
from search.counting import Texts
from search.documents import StoredText
from search.ranking import NeedText

OIL = ["油茶籽冷榨后饼粕残油高", "菜籽压榨残油与饼粕", "花生冷榨油饼粕蛋白", "茶籽油压榨工艺残油"]
MOTORS = ["伺服电机转子动平衡", "电机轴承噪声与振动", "转子振动噪声控制", "伺服驱动电机轴承"]


def corpus():
    words = [*OIL, *MOTORS]
    return [StoredText(f"{words[n % 8]}，{words[n * 4 % 4 + n % 8 // 4 * 4]}", f"第{n}种abc") for n in range(64)]


@pytest.fixture(scope="module")
def learned():
    return vector_training.train(corpus())


def near(learned, one, other):
    return float(learned.of(one) @ learned.of(other))


def test_texts_of_one_field_lie_nearer_than_texts_of_two_even_without_a_character_in_common(learned):
    assert near(learned, "饼粕", "压榨") > near(learned, "饼粕", "转子")
    assert near(learned, "噪声", "轴承") > near(learned, "噪声", "残油")


def test_every_text_has_length_one_or_none(learned):
    rows = learned.of_texts(Texts({1: StoredText("饼粕残油", "压榨"), 2: StoredText("☆", ""), 3: StoredText("", "")}))
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 0], abs=1e-5)


def test_the_same_texts_give_the_same_vectors(learned):
    again = vector_training.train(corpus())
    assert again.about == learned.about
    assert np.array_equal(again.small, learned.small)


def test_saved_vectors_are_read_back_alike_and_the_newest_are_in_use(learned, tmp_path):
    vectors.save(learned, tmp_path)
    other = vector_training.train(corpus()[:50])
    vectors.save(other, tmp_path)
    assert vectors.load(tmp_path).about == other.about
    vectors.save(learned, tmp_path)
    read = vectors.load(tmp_path)
    assert read.about == learned.about
    assert np.allclose(read.of("饼粕残油abc"), learned.of("饼粕残油abc"))
    assert isinstance(read.small, np.memmap)


def test_nothing_is_loaded_where_there_are_none_or_another_language_chain_made_them(learned, tmp_path, monkeypatch):
    assert vectors.load(tmp_path) is None
    vectors.save(learned, tmp_path)
    monkeypatch.setattr(text, "CHAIN_VERSION", "another")
    assert vectors.load(tmp_path) is None


def test_too_few_texts_are_refused_with_a_number():
    with pytest.raises(vector_training.TooFewTexts, match="3 texts"):
        vector_training.train(corpus()[:3])


def test_a_record_without_a_common_word_but_of_the_same_field_rises_with_vectors(learned):
    offers = Texts({1: StoredText("转子轴承噪声振动", ""), 2: StoredText("饼粕", "")})
    need = NeedText("菜籽残油")
    statistics = ranking.statistics_of(offers, [need, NeedText("饼粕转子")])
    plain = ranking.rank(NeedText("菜籽残油转"), ranking.prepare(offers), statistics)
    blended = ranking.rank(NeedText("菜籽残油转"), ranking.prepare(offers, learned), statistics)
    assert {row.id: row.parts[4] for row in plain} == {1: 0.0, 2: 0.0}
    meaning = {row.id: row.parts[4] for row in blended}
    assert meaning[2] > meaning[1]
