"""haiku-rag over given documents and questions; runs in an environment of its own (`make bench-peers`)."""

import asyncio
import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from haiku.rag.client import HaikuRAG
from haiku.rag.config import AppConfig


def configured(task: dict) -> AppConfig:
    model = {
        "provider": "openai", "name": "all-MiniLM-L6-v2", "vector_dim": 384,
        "base_url": task["url"], "api_key": "none",
    }  # fmt: skip
    return AppConfig.model_validate(
        {
            "embeddings": {"model": model},
            "processing": {"chunking_tokenizer": task["tokenizer"]},
        }
    )


async def run(task: dict) -> dict:
    path = Path(task["home"]) / "haiku.lancedb"
    path.parent.mkdir(parents=True, exist_ok=True)
    async with HaikuRAG(path, config=configured(task), create=True) as client:
        began = perf_counter()
        for name, text in task["documents"].items():
            await client.create_document(text, uri=name, title=name, format="plain")
        indexed = perf_counter() - began
        found = []
        for question in task["questions"]:
            began = perf_counter()
            results = await client.search(question, limit=task["depth"])
            seconds = perf_counter() - began
            passages = [(result.document_uri, result.content) for result in results]
            found.append({"passages": passages, "seconds": seconds})
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"index_seconds": indexed, "memory": memory, "found": found}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.load(sys.stdin)))))
