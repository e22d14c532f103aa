"""A record that is written again, or removed, is in the embedded index once, or not at all."""

import pytest

from search.documents import Document
from search.tantivy_engine import TantivyEngine


def a_document(number, version, title="余热回收"):
    return Document(id=number, version=version, code=f"N-{number}", kind="need", title=title)


@pytest.fixture
def engine(tmp_path):
    engine = TantivyEngine(tmp_path)
    yield engine
    engine.close()


def test_a_record_written_three_times_is_found_once(engine):
    for version in (1, 2, 2):
        engine.write([a_document(7, version)])
    assert engine.ids() == [7]
    assert engine.health().documents == 1


def test_a_removed_record_is_gone(engine):
    engine.write([a_document(7, 1), a_document(8, 1)])
    engine.write([], [7])
    assert engine.ids() == [8]


def test_a_record_written_before_and_after_another_process_took_over_is_found_once(tmp_path):
    for version in (1, 2, 3):
        engine = TantivyEngine(tmp_path)
        engine.write([a_document(7, version)])
        assert engine.health().documents == 1
        engine.close()


def test_a_record_changed_while_the_index_is_rebuilt_is_in_the_new_index_once(engine):
    engine.write([a_document(7, 1)])
    with engine.rebuild() as fresh:
        fresh.add([a_document(7, 1)])
        engine.write([a_document(7, 2)])
        engine.write([a_document(7, 3)])
        fresh.switch()
    assert engine.health().documents == 1
    assert engine.versions([7]) == {7: 3}
