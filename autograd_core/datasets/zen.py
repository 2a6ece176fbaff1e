"""A small text to learn from: The Zen of Python, by Tim Peters, in the public domain (PEP 20)."""

from __future__ import annotations

from collections.abc import Iterable

TEXT = """\
Beautiful is better than ugly.
Explicit is better than implicit.
Simple is better than complex.
Complex is better than complicated.
Flat is better than nested.
Sparse is better than dense.
Readability counts.
Special cases aren't special enough to break the rules.
Although practicality beats purity.
Errors should never pass silently.
Unless explicitly silenced.
In the face of ambiguity, refuse the temptation to guess.
There should be one-- and preferably only one --obvious way to do it.
Although that way may not be obvious at first unless you're Dutch.
Now is better than never.
Although never is often better than *right* now.
If the implementation is hard to explain, it's a bad idea.
If the implementation is easy to explain, it may be a good idea.
Namespaces are one honking great idea -- let's do more of those!
"""
CHARACTERS = sorted(set(TEXT))
NUMBER = {character: i for i, character in enumerate(CHARACTERS)}


def encode(text: str) -> list[int]:
    """Text as a list of numbers.

    Args:
        text: characters of `CHARACTERS`.
    """
    return [NUMBER[character] for character in text]


def decode(numbers: Iterable[int]) -> str:
    """Numbers as text, the inverse of `encode`."""
    return "".join(CHARACTERS[number] for number in numbers)
