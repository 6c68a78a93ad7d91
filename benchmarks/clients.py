"""HTTP clients in a process of their own: they fetch addresses side by side, each address once."""

import http.client
import itertools
import subprocess
import sys
import threading
import time

CLIENTS = 4
HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.0",
    "Accept": "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    "Connection": "keep-alive",
}


class Clients:
    """The process, at work from the moment it is made."""

    def __init__(self, host: str, port: int, paths: list[str]):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.clients", host, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._process.stdin.write("\n".join(paths))
        self._process.stdin.close()

    def busy(self) -> bool:
        """Return whether answers are still to come."""
        return self._process.poll() is None

    def seconds(self) -> float:
        """Return the seconds from the first request to the last answer, when that has come."""
        answer = self._process.stdout.read()
        self._process.stdout.close()
        assert self._process.wait() == 0, "a request was not answered as it should be"
        return float(answer)


def fetch(host: str, port: int, paths, wrong: list[str]) -> None:
    """Fetch one address after the other, on one connection where the server keeps it open.

    :param wrong: gets the addresses whose answer is no picture
    """
    connection = http.client.HTTPConnection(host, port, timeout=60)
    for path in paths:
        connection.request("GET", path, headers=HEADERS)
        answer = connection.getresponse()
        if answer.status != 200 or not answer.read().startswith(b"GIF89a"):
            wrong.append(path)
    connection.close()


def main(host: str, port: str) -> int:
    """Fetch the addresses on standard input and print how many seconds that took."""
    paths = sys.stdin.read().split()
    wrong: list[str] = []
    shared = itertools.count()  # whose next number each client takes

    def own():
        while (number := next(shared)) < len(paths):
            yield paths[number]

    clients = [
        threading.Thread(target=fetch, args=(host, int(port), own(), wrong))
        for _client in range(CLIENTS)
    ]
    began = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    print(time.perf_counter() - began)
    return 1 if wrong or next(shared) < len(paths) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
