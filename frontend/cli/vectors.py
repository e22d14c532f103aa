"""`yaosu vectors`: what matching learns from the market's own texts."""

import json
from dataclasses import asdict

from frontend.cli.common import AS_JSON, opened, refuse
from services.matching import service as matching


def vectors(as_json: bool = AS_JSON) -> None:
    """Make the vectors of matching anew from the public texts of the market; each night it happens by itself.

    Example: yaosu vectors
    """
    with opened(writable=False) as market:
        made = matching.learn(market)
    if made is None:
        raise refuse("too few public texts to learn from; matching goes on without vectors")
    print(json.dumps(asdict(made)) if as_json else f"vectors {made.version} from {made.texts} texts")
