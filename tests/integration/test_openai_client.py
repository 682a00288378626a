"""`kgqa serve` as the openai client uses it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from nearly_equal import nearly_equal
from served_graph import served

KEY = "a key of some length"
QUESTION = "Which countries does the Danube flow through?"


@pytest.mark.slow
def test_the_openai_client_asks_streams_follows_up_and_gives_up(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)

    async def talk(address: str) -> None:
        async with openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
            await talk_with(client, address)

    async def talk_with(client: openai.AsyncOpenAI, address: str) -> None:
        create: Any = client.chat.completions.create
        asked = [{"role": "user", "content": QUESTION}]
        assert [model.id async for model in client.models.list()] == ["atlas"]
        reply = await create(model="atlas", messages=asked)
        said = reply.choices[0].message
        assert "**Austria**" in said.content
        assert said.annotations[0].url_citation.url.startswith("https://")
        assert len(reply.kgqa["answers"]) == reply.kgqa["total"] == 10
        rest = httpx2.post(
            f"{address}/api/v1/graphs/atlas/ask", json={"question": QUESTION}, headers={"X-API-Key": KEY}
        )
        assert nearly_equal(
            {**reply.kgqa, "seconds": 0}, {**rest.json(), "seconds": 0, "about": [], "total": 10}
        )

        pieces = [piece async for piece in await create(model="atlas", messages=asked, stream=True)]
        assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == said.content
        assert nearly_equal({**pieces[-1].kgqa, "seconds": 0}, {**reply.kgqa, "seconds": 0})

        turns = [*asked, {"role": "assistant", "content": said.content}]
        follow_up = await create(
            model="atlas", messages=[*turns, {"role": "user", "content": "And what does it empty into?"}]
        )
        assert follow_up.kgqa["about"] == ["Danube"]
        assert follow_up.kgqa["answers"][0]["name"] == "Black Sea"

        with pytest.raises(openai.APITimeoutError):
            await create(model="atlas", messages=asked, timeout=0.001)
        stream = await create(model="atlas", messages=asked, stream=True)
        await anext(aiter(stream))
        await stream.close()
        replies = await asyncio.gather(*(create(model="atlas", messages=asked) for _ in range(20)))
        assert {one.choices[0].message.content for one in replies} == {said.content}
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="other").models.list()

    with served("serve", "--graph", "atlas", "--api-key-file", str(tmp_path / "key")) as address:
        asyncio.run(talk(address))
