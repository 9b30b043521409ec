from pathlib import Path

import pytest

from retrieval.domain.errors import ModelError
from retrieval.embedding.model_files import DEFAULT_MODEL, check_weights, locate_model


def test_the_default_model_is_the_upstream_one() -> None:
    assert (Path(locate_model(DEFAULT_MODEL)) / "model.safetensors").is_file()


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with pytest.raises(ModelError, match="missing"):
        check_weights(path, "0" * 64)
    path.write_bytes(b"damaged")
    with pytest.raises(ModelError, match="damaged"):
        check_weights(path, "0" * 64)


def test_any_other_name_is_left_to_sentence_transformers() -> None:
    assert locate_model("intfloat/e5-small") == "intfloat/e5-small"
