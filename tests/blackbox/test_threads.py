"""A load on two event loops under ThreadSanitizer, while an operator imports, reloads, sets limits and ends sessions."""

import os
import pathlib
import threading

from site_nspid import TOP, Site, wait_until

BUILD = pathlib.Path(os.environ.get("NSPID_TSAN_BUILD", TOP / "build-tsan"))


def test_a_load_with_two_loops_has_no_data_race(book):
    with Site(book, build=BUILD, options="loops = 2") as site:
        site.nspictl("limit", "set", "anna", "200", "--reason", "a load")
        results = []

        def load(operation):
            results.append(site.nspi("bench", "--op", operation, "--connections", "8", "--seconds", "6", timeout=120))

        threads = [threading.Thread(target=load, args=(op,)) for op in ("queryrows", "resolve", "bind")]
        for t in threads:
            t.start()
        while any(t.is_alive() for t in threads):
            site.nspictl("import", str(book))
            site.nspictl("limit", "set", "berta", "7", "--reason", "a load")
            site.nspictl("sessions", "--json")
            site.nspictl("end", "--account", "berta")
            site.nspictl("reload")
        for t in threads:
            t.join()
        assert len(results) == 3
        wait_until(lambda: not site.sessions(), what="no session left")
        site.nspictl("check")  # the counts equal the sessions there are, or it fails
    # Leaving the block has stopped the server and looked for reports of the sanitizer in its log.
