"""Several processes of a new market begin at once: web, worker and a command."""

import secrets
import threading

import pytest
from elasticsearch import Elasticsearch

from search.documents import Document
from search.elastic_engine import ElasticEngine
from tests import servers


@pytest.mark.city
def test_of_many_processes_that_begin_at_once_only_one_makes_the_index():
    prefix = f"test-{secrets.token_hex(4)}"
    engines = [ElasticEngine(servers.search_url(), prefix) for _ in range(6)]
    gate = threading.Barrier(len(engines))
    failed = []

    def begin(number, engine):
        gate.wait()
        try:
            engine.write([Document(id=number, code=f"N-{number}", kind="need", title="余热回收", version=1)])
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=begin, args=pair) for pair in enumerate(engines, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert failed == []
        assert len(engines[0].indices_of(f"{prefix}-read")) == 1
        assert engines[0].ids() == [1, 2, 3, 4, 5, 6]
    finally:
        for engine in engines:
            engine.close()
        with Elasticsearch(servers.search_url()) as client:
            client.indices.delete(index=list(client.indices.get(index=f"{prefix}*")))
