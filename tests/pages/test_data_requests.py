"""Requests about own data on the screen: noted by whoever hears them, answered by a manager. S2-2.3"""

from tests.cast import ANA, CORA, MARA
from tests.visits import Visitor


async def test_a_request_is_noted_handed_out_and_ended(visitor: Visitor) -> None:
    """S2-2.3: what was typed stays when it is refused; the file and the page say the same."""
    cora, mara = await visitor(CORA), await visitor(MARA)
    form = {"asks": "access", "words": "She wants to know.", "received_on": "2026-03-02"}
    for name, wrong in (("asks", "x"), ("words", " "), ("received_on", "soon")):
        refused = await cora.post(f"/customers/{ANA}/data-requests", data={**form, name: wrong})
        assert (refused.status_code, f'href="#{name}"' in refused.text) == (422, True)
        assert ("She wants to know." in refused.text) is (name != "words")
    assert (await cora.post(f"/customers/{ANA}/data-requests", data=form)).headers[
        "location"
    ] == f"/customers/{ANA}"
    assert (await cora.get("/data-requests")).status_code == 403
    page = (await mara.get("/data-requests")).text
    assert ("She wants to know." in page, "due" in page) == (True, True)
    early = await mara.post("/data-requests/1/completion", data={"outcome": "Sent."})
    assert early.status_code == 409
    refused = await mara.post("/data-requests/1/handing-out", data={"identity": "", "as": "json"})
    assert (refused.status_code, 'href="#1-out-identity"' in refused.text) == (422, True)
    known = {"identity": "By post to the address on record."}
    file = await mara.post("/data-requests/1/handing-out", data={**known, "as": "json"})
    assert file.headers["content-disposition"] == 'attachment; filename="HK-25-000001-1.json"'
    assert file.json()["data"]["customers"][0]["street"] == "Example Street 1"
    shown = await mara.post("/data-requests/1/handing-out", data={**known, "as": "page"})
    assert (shown.status_code, "Example Street 1" in shown.text) == (200, True)
    refused = await mara.post("/data-requests/1/refusal", data={"outcome": ""})
    assert (refused.status_code, 'href="#1-refusal-outcome"' in refused.text) == (422, True)
    assert (await mara.post("/data-requests/1/completion", data={"outcome": "Sent."})).headers[
        "location"
    ] == "/data-requests"
    assert "Nothing is open." in (await mara.get("/data-requests")).text
    assert "Sent." in (await mara.get("/data-requests?show=ended")).text
