"""Everything that goes wrong on a wire, tried on every exchange of a scan, over real sockets.

    pytest tests/faults             every exchange, every fault, every fault with every second kind of exchange
    python -m tests.faults          every fault with every exchange

The pieces, from the wire to the verdict:

`exchanges`   names the exchanges of a scan, stably: `names(request, response)`.
`striking`    `Fault`: what goes wrong (`answer=` changes one answer, of a batch the member's; `wire=` the response as a
              whole, or how it is sent). `Strike`: one fault aimed at one exchange. `Seam`: the lab's `tamper`.
`scanning`    `Estate(half, transport)`: a lab that serves, and `scan(exchange, fault, times)`.
`rules`       `broken(estate, scan)`: every rule that the scan broke, in words. `resting(exchange)`: the facts that are
              made of it.
`covering`    which exchanges a fault strikes; `strike(estate, fault, number)` does, and counts in `record`.
`wire`        faults of statuses, sockets, lengths and encodings, for every server.
`record`      the numbers; and `CANARY`, the server that redirects and links name and that nobody may contact.

A module of tests looks like this:

    @pytest.fixture(scope="module")
    def estate() -> Iterator[Estate]:
        with Estate(Half.SITE, "winrm") as estate:
            yield estate

    @pytest.mark.parametrize(("number", "fault"), numbered(FAULTS), ids=str)
    def test_a_fault_is_told_and_nothing_rests_on_it(estate: Estate, number: int, fault: Fault) -> None:
        assert strike(estate, fault, number) == []

A fault of WS-Man changes `struck.response.body`, which is the plain envelope: the lab seals it afterwards where
messages are encrypted (`Response.seal`). A fault that sends in its own way returns a `Sending`, which is given the
bytes that would have been sent, sealed ones where they are to be. One that waits for the client to lose patience says
so: `Fault(stalls=True)` and `struck.run.stalled()`; the scan's clock then jumps as soon as nothing else moves.
Whatever it sends for ever has to end when `struck.run.over` is set. `Fault(reach=Reach.HALF)` is one that may cost
the whole half (a refused sign-in); `plausible=True` one whose outcome may be a true answer; `heals=True` one that
asking again heals.

An estate of one's own: `Estate(Half.SITE, "winrm", scenario, site_scheme="http")`; `scenario` is a name, or a
`Scenario` changed with `msgspec.structs.replace`.
"""
