import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_models import tiny_model
from tokenizer_families import FAMILIES

from kgqa.answer import Calibration
from kgqa.decode import Greedy
from kgqa.errors import ModelError, TokenizerError, UsageError
from kgqa.finders import ChainSpace, ModelFinder
from kgqa.graph import GraphBuilder
from kgqa.lm import (
    LanguageModel,
    MockLanguageModel,
    NumberFormat,
    Prompt,
    Request,
    as_language_model,
    calibration_file,
    load_language_model,
)
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel
from kgqa.lm.testing import log_probability

PROMPT = Prompt("which language?", ("Kismet",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved("gpt2", tmp_path / "model")


def saved(name: str, folder: Path) -> Path:
    model, tokenizer = tiny_model(name)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def refused(folder: str | Path, message: str, kind: type[Exception] = ModelError, **options: Any) -> None:
    with pytest.raises(kind, match=message) as caught:
        load_language_model(folder, **options)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("llama", CausalLanguageModel),
        ("gemma3", CausalLanguageModel),
        ("t5", Seq2SeqLanguageModel),
        ("bart", Seq2SeqLanguageModel),
        ("bert2bert", Seq2SeqLanguageModel),
    ],
)
def test_a_saved_model_speaks_as_before(name: str, kind: type[Any], tmp_path: Path) -> None:
    before = kind(*tiny_model(name))
    after = load_language_model(saved(name, tmp_path))
    assert isinstance(after, kind)
    assert after.tokenizer.fingerprint == before.tokenizer.fingerprint
    (ids,) = before.tokenizer.encode_batch([" Kismet"])
    truth = log_probability(before, PROMPT, ids)
    assert log_probability(after, PROMPT, ids) == pytest.approx(truth, abs=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_a_number_format_can_be_chosen(folder: Path, dtype: NumberFormat) -> None:
    lm = load_language_model(folder, device="cpu", dtype=dtype)
    assert isinstance(lm, CausalLanguageModel)
    assert lm._model.dtype == getattr(torch, dtype)
    assert lm.score([Request(PROMPT, [(5,)])])[0].log_probabilities.dtype == "float32"


def test_on_a_processor_the_format_is_float32(tmp_path: Path) -> None:
    model, tokenizer = tiny_model("gpt2")
    model.to(torch.bfloat16).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    lm = load_language_model(tmp_path, device="cpu")
    assert isinstance(lm, CausalLanguageModel)
    assert lm._model.dtype == torch.float32


def test_loading_and_scoring_write_nothing(folder: Path) -> None:
    code = (
        "import sys; from kgqa.lm import Prompt, Request, load_language_model\n"
        "load_language_model(sys.argv[1]).score([Request(Prompt('which?', ('A',)), [(5, 6), (5,)])])"
    )
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_missing_folder(tmp_path: Path) -> None:
    refused(tmp_path / "nothing", "is not a folder; name a folder with config.json")


def test_a_file_instead_of_a_folder(folder: Path) -> None:
    refused(folder / "config.json", "is not a folder")


def test_a_folder_that_is_no_model(tmp_path: Path) -> None:
    refused(tmp_path, "no config.json, so it is not a model")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"model_type": ', "\x00"])
def test_a_damaged_configuration(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    refused(folder, "does not describe a model")


def test_an_unknown_kind_of_model(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "oracle"}')
    refused(folder, "the configuration of .* cannot be loaded")


def test_code_of_the_models_own_is_not_run(folder: Path, tmp_path: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "mine"
    config["auto_map"] = {"AutoConfig": "mine.Config", "AutoModelForCausalLM": "mine.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    refused(folder, "cannot be loaded")
    assert not (tmp_path / "ran").exists()


def test_an_adapter_without_its_model(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    refused(tmp_path, "merge it into its base model")


def test_pickled_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    refused(folder, "pickled weights only.*safetensors")


def test_no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    refused(folder, "has no weights")


@pytest.mark.parametrize("kept", [0, 4, 100, 5000])
def test_weights_that_break_off(folder: Path, kept: int) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:kept])
    refused(folder, "model.safetensors is damaged or cut off.*copy it again")


def test_a_missing_shard(tmp_path: Path) -> None:
    model, tokenizer = tiny_model("gpt2")
    model.save_pretrained(tmp_path, max_shard_size="60KB")
    tokenizer.save_pretrained(tmp_path)
    shards = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert load_language_model(tmp_path)
    shards[0].unlink()
    refused(tmp_path, f"{shards[0].name} is missing")


def test_weights_of_another_model(folder: Path, tmp_path: Path) -> None:
    other = saved("opt", tmp_path / "other")
    (folder / "model.safetensors").write_bytes((other / "model.safetensors").read_bytes())
    refused(folder, r"weights of .* do not fit its configuration: \d+ of them are missing")


def test_weights_of_another_size(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["n_positions"] = 77
    (folder / "config.json").write_text(json.dumps(config))
    refused(folder, "mismatched|cannot be loaded")


def test_no_tokenizer(folder: Path) -> None:
    for file in folder.glob("*token*"):
        file.unlink()
    refused(folder, "has no tokenizer")


def test_a_damaged_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")
    refused(folder, "the tokenizer of .* cannot be loaded")


def test_a_tokenizer_that_does_not_split(folder: Path) -> None:
    FAMILIES["merging-bpe"]().save_pretrained(folder)
    refused(folder, "does not split a chain", TokenizerError)


def test_an_encoder_writes_no_text(tmp_path: Path) -> None:
    import transformers

    config = transformers.BertConfig(
        vocab_size=500, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    transformers.BertForMaskedLM(config).save_pretrained(tmp_path)
    FAMILIES["bert"]().save_pretrained(tmp_path)
    refused(tmp_path, "is a bert model, which writes no text")


def test_a_hub_model_without_a_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    refused("nobody/no-such-model", "cannot be loaded: .*without a network only folders")


def test_bad_options(folder: Path) -> None:
    refused(folder, "unknown dtype 'int4'; use one of auto, float32", UsageError, dtype="int4")
    refused(folder, "unknown device 'toaster'", UsageError, device="toaster")
    if not torch.cuda.is_available():
        refused(folder, "cannot be put on device 'cuda'", device="cuda")


@pytest.mark.parametrize("source", [5, b"model", ["a"], object()])
def test_a_source_is_a_name_or_a_folder(source: Any) -> None:
    refused(source, "load_language_model takes a name or a folder", UsageError)


def test_a_loaded_model_is_wrapped_and_not_loaded() -> None:
    model, tokenizer = tiny_model("llama")
    refused(model, r"got LlamaForCausalLM; as_language_model\(model, tokenizer\)", UsageError)
    lm = as_language_model(model, tokenizer)
    assert isinstance(lm, CausalLanguageModel)
    assert lm.score([Request(PROMPT, [(5,)])])[0].log_probabilities.shape[0] == 1


def test_what_is_no_model_or_no_tokenizer_is_refused() -> None:
    model, tokenizer = tiny_model("llama")
    for pair in ((None, tokenizer), ("gpt2", tokenizer), (tokenizer, model), (object(), object())):
        with pytest.raises(UsageError, match="model is a transformers model"):
            as_language_model(*pair)
    for wrong in (None, "gpt2", model.config):
        with pytest.raises(UsageError, match="tokenizer is the transformers tokenizer"):
            as_language_model(model, wrong)


def test_a_string_names_a_folder_as_well_as_a_path_does(folder: Path) -> None:
    one, other = load_language_model(str(folder)), load_language_model(folder)
    assert one.tokenizer.fingerprint == other.tokenizer.fingerprint


CALIBRATION = '{"bias": 0.5, "score": 1, "lead": -2}'


def test_a_model_brings_the_calibration_of_its_folder(folder: Path) -> None:
    (folder / "calibration.json").write_text(CALIBRATION)
    file = calibration_file(load_language_model(folder), "relations")
    assert file == folder / "calibration.json"
    assert Calibration.load(file) == Calibration(bias=0.5, score=1.0, lead=-2.0)


def test_the_shipped_model_has_calibrations_for_beam_search_over_relation_paths_and_programs() -> None:
    model = load_language_model()
    paths, programs = (calibration_file(model, grammar) for grammar in ("relations", "programs"))
    assert paths is not None
    assert programs is not None
    assert Calibration.load(paths).margin == 0 < Calibration.load(programs).margin
    assert calibration_file(model, "path") is None
    space = ChainSpace(GraphBuilder.of([]))
    assert ModelFinder(model).calibration(space) is not None
    assert ModelFinder(model, Greedy()).calibration(space) is None


def test_other_models_have_no_calibration(folder: Path) -> None:
    models: list[LanguageModel] = [
        load_language_model(folder),
        as_language_model(*tiny_model("t5")),
        MockLanguageModel(),
    ]
    assert [calibration_file(model, "relations") for model in models] == [None] * 3


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"bias": 1}', CALIBRATION.replace("1", "NaN"), CALIBRATION.replace("lead", "led")],
)
def test_a_damaged_calibration_is_named(folder: Path, content: str) -> None:
    (folder / "calibration.json").write_text(content)
    finder = ModelFinder(load_language_model(folder))
    space = ChainSpace(GraphBuilder.of([]))
    with pytest.raises(ModelError, match=r"calibration.json holds no calibration"):
        finder.calibration(space)
