"""`yaosu evaluate`: the quality of matching, measured."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from frontend import schema
from frontend.cli.common import AS_JSON, counting, opened, refuse
from search import evaluate
from search.documents import StoredText
from services.ground.database import Database
from services.ground.settings import WrongSetting, load
from services.matching import learning

app = typer.Typer(no_args_is_help=True, help="The quality of matching, measured.")


@app.command("match")
def match(
    needs: Annotated[Path, typer.Option(help='{"id", "title", "body"}, one JSON a line.')],
    results: Annotated[Path, typer.Option(help='{"id", "title"[, "body"]}, one JSON a line.')],
    out: Annotated[Path | None, typer.Option(help="Written: need id, result id, score; best first.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="Pairs to score: need id, result id.")] = None,
    pairs_out: Annotated[Path | None, typer.Option(help="Written: need id, result id, score, level 1-4.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Results kept of each need.")] = 50,
    qrels: Annotated[Path | None, typer.Option(help="TREC qrels: need 0 result grade 0-3.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Single labels: need id, result id, level 1-4.")] = None,
    train: Annotated[
        list[Path] | None, typer.Option(help="More texts to make vectors from, one JSON a line; may be repeated.")
    ] = None,
    vectors: Annotated[bool, typer.Option("--vectors/--no-vectors", help="Blend vectors, or letters alone.")] = True,
    as_json: bool = AS_JSON,
) -> None:
    """Rank results for needs on plain files, and measure the order where labels are given.

    Example: yaosu evaluate match --needs needs.jsonl --results results.jsonl --out list.tsv --qrels qrels.trec
    """
    if pairs_out and not pairs:
        raise refuse("--pairs-out needs --pairs", 2)
    files = evaluate.Files(needs, results, out, pairs, pairs_out, qrels, labels, tuple(train or ()))
    try:
        found = evaluate.evaluate_match(
            files,
            top=top,
            vectors=vectors,
            known_texts=_texts_of_the_market() if vectors else (),
            progress=counting("needs"),
        )
    except (evaluate.WrongFile, OSError) as error:
        raise refuse(str(error)) from error
    print(json.dumps(found.as_json(), ensure_ascii=False) if as_json else "\n".join(evaluate.as_table(found)))


@app.command("market")
def market(as_json: bool = AS_JSON) -> None:
    """Measure the labelled set of our own and the open needs of this market, and show the figures on /quality.

    Example: yaosu evaluate market
    """
    from etl.demo import labelled
    from services.matching import service as matching

    with opened(writable=False) as here:
        own = matching.measure_labelled(here, labelled.load(), counting("labelled needs"))
        needs = matching.measure_market(here, counting("needs of the market"))
    if as_json:
        print(json.dumps({"labelled": own.as_json(), "market": needs.model_dump(mode="json")}, ensure_ascii=False))
        return
    print("\n".join(evaluate.as_table(own)))
    print(
        f"market: {needs.needs} open needs, {needs.with_strong} with a strong match, {needs.with_fairly_strong} with a"
        f" fairly strong one or better, {needs.without_match} without any;"
        f" {needs.searches_empty} of {needs.searches} searches found nothing"
    )


def _texts_of_the_market() -> list[StoredText]:
    """Give the public texts of the market of the settings; none where there is no market, or it cannot be read."""
    try:
        settings = load()
    except WrongSetting:
        return []
    if not settings.database_url and not (settings.home / "yaosu.sqlite3").exists():
        return []
    database = Database(settings.sqlalchemy_url)
    try:
        return learning.public_texts(database) if schema.is_current(database) else []
    except SQLAlchemyError as error:
        print(f"the market is not read: {type(error).__name__}", file=sys.stderr)
        return []
    finally:
        database.close()
