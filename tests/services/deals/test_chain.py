"""The register of introductions cannot be changed without somebody seeing it."""

import copy
import hashlib
import json

import pytest

from services.deals import chain


def row(number):
    return {
        "number": number,
        "need": f"N-2026-{number:06d}",
        "by": "甲",
        "seeker_seal": chain.seal("盐", "O-2026-000001"),
    }


def build(count):
    links, previous = [], chain.START
    for number in range(1, count + 1):
        content = row(number)
        links.append(chain.Link(number, content, previous, chain.link(previous, chain.digest(content))))
        previous = links[-1].hash
    return links


def proof_of(links, number):
    mine = links[number - 1]
    return {
        "row": mine.content,
        "previous": mine.previous,
        "hash": mine.hash,
        "following": [chain.digest(item.content) for item in links[number:]],
        "head": {"number": links[-1].number, "hash": links[-1].hash},
        "opened": {"seeker": {"salt": "盐", "code": "O-2026-000001"}},
    }


def test_an_untouched_chain_holds():
    assert chain.breaks(build(5)) == []
    assert chain.breaks([]) == []


def test_a_changed_row_is_found():
    links = build(5)
    changed = chain.Link(3, {**links[2].content, "by": "乙"}, links[2].previous, links[2].hash)
    assert chain.breaks([*links[:2], changed, *links[3:]]) == [chain.Break(3, "content")]


def test_a_row_rewritten_with_its_hash_breaks_the_next_one():
    links = build(3)
    content = {**links[1].content, "by": "乙"}
    forged = chain.Link(2, content, links[1].previous, chain.link(links[1].previous, chain.digest(content)))
    assert chain.breaks([links[0], forged, links[2]]) == [chain.Break(3, "previous")]


def test_a_row_taken_out_is_found():
    links = build(4)
    assert {item.kind for item in chain.breaks([links[0], *links[2:]])} == {"gap", "previous"}


def test_a_first_row_taken_off_is_found():
    assert chain.Break(2, "previous") in chain.breaks(build(3)[1:])


def test_a_proof_holds_with_nothing_but_hashlib_and_json():
    proof = proof_of(build(4), 2)
    text = json.dumps(proof["row"], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    reached = hashlib.sha256((proof["previous"] + hashlib.sha256(text).hexdigest()).encode()).hexdigest()
    assert reached == proof["hash"]
    for following in proof["following"]:
        reached = hashlib.sha256((reached + following).encode()).hexdigest()
    assert reached == proof["head"]["hash"]
    assert chain.proof_problems(proof) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda p: p["row"].update(by="乙"), "hash"),
        (lambda p: p["following"].pop(), "head"),
        (lambda p: p["opened"]["seeker"].update(code="O-2026-000009"), "seal_seeker"),
    ],
)
def test_a_forged_proof_is_recognised(change, problem):
    proof = copy.deepcopy(proof_of(build(4), 2))
    change(proof)
    assert problem in chain.proof_problems(proof)
