"""RoG's prompt held to its published instruction, and DoG's with the graph in it."""

from __future__ import annotations

from typing import Any

from tiny_models import tiny_model
from tokenizer_families import with_path_tokens
from tokenizers import AddedToken

from kgqa.constraint import Answered
from kgqa.decode import BeamSearch
from kgqa.finders import ChainSpace, Found, LinkedQuestion, ModelFinder
from kgqa.graph import GraphBuilder
from kgqa.lm import Prompt
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.prompt_renderer import PromptRenderer, instruction
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

# Quoted from RoG's published code (RManLuo/reasoning-on-graphs, `gen_rule_path.py`).
INSTRUCTION = (
    "Please generate a valid relation path that can be helpful for answering the following question: "
)
QUESTION = "what does jamaican people speak"
GRAPH = GraphBuilder.of(
    [
        ("Jamaica", "languages_spoken", "Jamaican English"),
        ("Jamaican English", "spoken_in", "Belize"),
        ("Kingston", "containedby", "Jamaica"),
    ]
)


def with_mark(tokenizer: Any) -> Any:
    """A tokenizer with RoG's token between relations."""
    tokenizer.add_tokens([AddedToken("<SEP>", special=True)])
    return tokenizer


def tiny(*, mark: bool = False) -> CausalLanguageModel:
    model, tokenizer = tiny_model("llama")
    return CausalLanguageModel(model, with_mark(tokenizer) if mark else tokenizer)


def found_by(finder: ModelFinder, space: ChainSpace) -> Found:
    (found,) = finder.find([LinkedQuestion(QUESTION, ("Jamaica",))], space)
    assert isinstance(found, Found)
    return found


def test_rogs_prompt_is_its_instruction_and_the_question_up_to_the_path() -> None:
    tokenizer = with_mark(with_path_tokens("qwen2"))
    said = tokenizer.apply_chat_template(
        [{"role": "user", "content": INSTRUCTION + QUESTION}], add_generation_prompt=True, tokenize=False
    )
    whole = tokenizer(f"{said}<PATH>", add_special_tokens=False)["input_ids"]
    renderer = PromptRenderer(tokenizer, HuggingFaceTokenizer(tokenizer), opens=True)
    assert renderer.encode(Prompt(QUESTION, ("Jamaica",), "relations", "rog")) == whole


def test_a_plan_has_rogs_tokens_between_and_behind_its_relations() -> None:
    model = tiny(mark=True)
    finder = ModelFinder(model, BeamSearch(4), prompt="rog")
    space = ChainSpace(GRAPH, hops=2, inverse=False)
    texts = {model.tokenizer.decode(one.tokens) for one in found_by(finder, space).hypotheses}
    assert texts == {"languages_spoken", "languages_spoken<SEP> spoken_in"}
    assert model.tokenizer.end_id == model.tokenizer.path_end_id  # </PATH>


def test_dogs_prompt_holds_the_facts_around_the_topics_nearest_first() -> None:
    finder = ModelFinder(tiny(), prompt="dog", explain=True, answer="free")
    space = ChainSpace(GRAPH, "chain", hops=2)
    task = finder.task(LinkedQuestion(QUESTION, ("Jamaica",)), space)
    assert task.prompt.facts == (
        "< Kingston -> containedby -> Jamaica >",
        "< Jamaica -> languages_spoken -> Jamaican English >",
        "< Jamaican English -> spoken_in -> Belize >",
    )
    assert instruction(task.prompt).endswith(
        "# Triples:\n"
        + "\n".join(task.prompt.facts)
        + f"\n# Question:\n{QUESTION}\n# Topic entities:\nJamaica"
    )
    assert isinstance(task.constraint, Answered)


def test_dogs_text_is_links_explanations_and_a_free_answer() -> None:
    model = tiny()
    finder = ModelFinder(model, BeamSearch(2), prompt="dog", explain=True, answer="free")
    space = ChainSpace(GRAPH, "chain", hops=1)
    for one in found_by(finder, space).hypotheses:
        text = model.tokenizer.decode(one.tokens)
        assert text.lstrip().startswith("1. < Jamaica")
        assert " > This tells us" in text
        assert "# Answer:" in text
        assert one.stated is not None
        assert not one.stated.from_graph
