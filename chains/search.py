"""Search: words, a picture or both become the pictures of the library that fit, with how sure that is.

    request ─ read_request ─ assign(found=find_pictures) ─ search

read_request   checks the options and opens the picture that is looked for
find_pictures  asks the picture library, channel by channel (retrievers/pictures.py)

`as_retriever` gives the same as a LangChain retriever, for other people's chains.
"""

from __future__ import annotations

from typing import Any, cast

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from chains.search_options import SearchRequest, read_query
from core.settings import Settings, get_settings
from retrievers.catalog import open_pictures
from retrievers.found import FoundPicture, FoundPictures
from retrievers.pictures import PictureLibrary


class Search(TypedDict):
    """What comes back. `hits` is empty where nothing fits; `closest` then says what comes nearest."""

    hits: list[FoundPicture]
    no_good_match: bool
    closest: list[FoundPicture]
    total: int  # pictures that the filters leave
    engine: str  # the embedding models
    notes: list[str]


def build(pictures: PictureLibrary | None = None, settings: Settings | None = None) -> Runnable[SearchRequest, Search]:
    """The chain, over the picture library and the settings of the process where none are given."""
    chosen = get_settings() if settings is None else settings
    library = open_pictures(chosen) if pictures is None else pictures

    def read_request(request: SearchRequest) -> dict[str, Any]:
        return {"query": read_query(request, chosen)}

    def find_pictures(request: dict[str, Any]) -> FoundPictures:
        return library.search(request["query"])

    def tell(request: dict[str, Any]) -> Search:
        found: FoundPictures = request["found"]
        return Search(
            hits=list(found.hits),
            no_good_match=found.no_good_match,
            closest=list(found.closest),
            total=found.total,
            engine=_engine(library),
            notes=list(found.notes),
        )

    return (
        RunnableLambda(read_request)
        | RunnablePassthrough.assign(found=RunnableLambda(find_pictures))
        | RunnableLambda(tell)
    )


def _engine(library: PictureLibrary) -> str:
    """The embedding models that search: that of the pictures and, where there are any, that of their descriptions."""
    sentences, engine = library.sentences, library.embeddings.identity
    return engine if sentences is None else f"{engine}; descriptions by {sentences.embeddings.identity}"


def as_dict(found: Search) -> dict[str, Any]:
    """The same as JSON can hold it."""
    hits = {name: [hit.as_dict() for hit in found[name]] for name in ("hits", "closest")}
    return {**found, **hits}


class PictureRetriever(BaseRetriever):
    """Pictures as LangChain documents: their words as content, where they lie and how sure they are as metadata."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    chain: Runnable[SearchRequest, Search]
    options: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        asked = cast(SearchRequest, {**self.options, "text": query})
        found = self.chain.invoke(asked, {"callbacks": run_manager.get_child()})
        return [_document(hit) for hit in found["hits"]]


def as_retriever(
    pictures: PictureLibrary | None = None, settings: Settings | None = None, **options: Any
) -> PictureRetriever:
    """A LangChain retriever of pictures by words; `options` as in `SearchOptions`."""
    return PictureRetriever(chain=build(pictures, settings), options=options)


def _document(hit: FoundPicture) -> Document:
    picture, described = hit.picture, hit.description
    about = {"source": str(picture.paths[0]), "id": picture.id, "score": hit.score, "confidence": hit.confidence}
    about |= {"why": list(hit.why), "description": None if described is None else described.as_dict()}
    seen = [] if described is None else [str(described.told.get("caption", ""))]
    content = "\n".join(filter(None, [picture.words, *seen])) or picture.name
    return Document(id=picture.id, page_content=content, metadata=about)
