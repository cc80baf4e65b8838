#!/usr/bin/env python3
"""A flood of signed webhooks into a running `frontdesk serve`, with somebody at a screen beside it.

    cargo build --release && python3 benches/flood.py

Starts, in a folder of its own that is removed afterwards: WhatsApp's simulator (which the channel is added against, and which keeps silent),
`serve`, and the screen in a pty of 120x40. Then it calls the webhook with so many different messages over so many connections, as fast as it is
answered; what is refused is sent again, as a provider does. Meanwhile letters are typed into the composer of the newest conversation, each time
another one of an alphabet that nobody else writes in, so that the time from the key to its own letter on the terminal is known exactly. It ends
when all is in the database, and prints the times, the processor time and the peak memory (VmHWM) of both programs.

Needs Linux and Python 3.9; ends only what it has started.
"""

import argparse, fcntl, hashlib, hmac, json, multiprocessing, os, pty, random, re, selectors, select, shutil, signal, socket, struct
import subprocess, sys, tempfile, termios, time, urllib.request

LETTERS = "абвгдежзиклмнопрстуфхцчшщэюя"


def percentile(times, share):
    times = sorted(times)
    return times[min(len(times) - 1, int(len(times) * share))] if times else float("nan")


def told(what, times):
    shares = "  ".join(f"{name} {percentile(times, share):.2f}" for name, share in (("50 %", .5), ("95 %", .95), ("99 %", .99)))
    print(f"{what}: {len(times)}; ms: {shares}  longest {max(times, default=float('nan')):.2f}", flush=True)


# ------------------------------------------------------------------------------------------------------------------------- the load
def request(opt, n):
    customer = n % opt.customers
    number = f"62812{customer:08}"
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": opt.number},
        "contacts": [{"profile": {"name": f"Customer {customer}"}, "wa_id": number}],
        "messages": [{"from": number, "id": f"wamid.flood{n:012}", "timestamp": str(int(time.time())), "type": "text",
                      "text": {"body": f"Is court {n % 9} free tomorrow at {n % 24}? We are four people and would need rackets."}}],
    }
    entry = {"id": opt.account, "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = hmac.new(opt.secret.encode(), body, hashlib.sha256).hexdigest()
    head = f"POST {opt.path} HTTP/1.1\r\nhost: desk\r\nx-hub-signature-256: sha256={signature}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Connection:
    def __init__(self, address):
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer, self.event, self.begun = b"", None, 0.0

    def call(self, opt, event):
        data = request(opt, event)
        self.answer, self.event, self.begun = b"", event, time.perf_counter()
        self.socket.sendall(data)

    def answered(self):
        """The status, once the answer is there whole."""
        got = self.socket.recv(65536)
        if not got:
            raise ConnectionError("serve closed a connection")
        self.answer += got
        head, end, body = self.answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)^content-length: *(\d+)", head, re.M)
        return int(head.split()[1]) if end and len(body) >= int(length[1] if length else 0) else None


def flood(opt, events, said):
    """Calls with all of these; tells how long the answers took."""
    events, owed, times, refused = iter(events), [], [], 0
    ready = selectors.DefaultSelector()
    begun = time.perf_counter()
    for _ in range(opt.connections):
        event = next(events, None)
        if event is not None:
            connection = Connection(opt.address)
            ready.register(connection.socket, selectors.EVENT_READ, connection)
            connection.call(opt, event)
    while ready.get_map():
        for key, _ in ready.select():
            status = key.data.answered()
            if status is None:
                continue
            if status == 200:
                times.append((time.perf_counter() - key.data.begun) * 1e3)
            else:
                refused += 1
                owed.append(key.data.event)
                time.sleep(.01)
            event = next(events, None)
            if event is None and owed:
                event = owed.pop()
            if event is None:
                ready.unregister(key.data.socket)
            else:
                key.data.call(opt, event)
    said.send((times, refused, time.perf_counter() - begun))


# ----------------------------------------------------------------------------------------------------------------------- the screen
class Screen:
    def __init__(self, argv, env):
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], argv, env)
        fcntl.ioctl(self.tty, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.bytes = 0

    def read(self, until, timeout):
        """Reads until these bytes come; when they came, or nothing."""
        end, seen = time.perf_counter() + timeout, b""
        while (left := end - time.perf_counter()) > 0:
            if not select.select([self.tty], [], [], left)[0]:
                return None
            data = os.read(self.tty, 65536)
            now = time.perf_counter()
            self.bytes += len(data)
            seen = (seen + data)[-200_000:]
            if until and until in seen:
                return now
        return None

    def press(self, keys, settle=.3):
        os.write(self.tty, keys.encode())
        self.read(b"", settle)

    def type(self, letter):
        self.read(b"", 0.0005)
        begun = time.perf_counter()
        os.write(self.tty, letter.encode())
        shown = self.read(letter.encode(), 5)
        return None if shown is None else (shown - begun) * 1e3


# ------------------------------------------------------------------------------------------------------------------------ processes
def cost(pid):
    """Seconds of processor time, and the most memory in MiB."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    with open(f"/proc/{pid}/status") as file:
        peak = int(re.search(r"VmHWM:\s+(\d+)", file.read())[1])
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak / 1024


def waiting(opt):
    """Events in the journal that are not yet messages."""
    with urllib.request.urlopen(f"http://{opt.address[0]}:{opt.address[1]}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith("frontdesk_journal_waiting"))


def run(opt, folder, started):
    env = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "FRONTDESK_DATA_DIR": folder, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
    desk = lambda *words: [opt.frontdesk, "--database", f"sqlite:{folder}/desk.db", *words]

    def start(*words):
        process = subprocess.Popen(desk("--json", *words), env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        started.append(process)
        return process, json.loads(process.stdout.readline())

    _, world = start("simulate", "--provider", "whatsapp", "--quiet-people")
    for name in ("token", "app_secret", "verify_token"):
        with open(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(world[name])
    added = subprocess.run(desk(
        "--json", "channel", "add", "whatsapp", "--name", "Harbour Courts", "--api-base", world["base_url"], "--phone-number-id", world["phone_number_id"],
        "--business-account", world["business_account"], "--token-file", f"{folder}/token", "--app-secret-file", f"{folder}/app_secret",
        "--verify-token-file", f"{folder}/verify_token"), env=env, capture_output=True, text=True)
    if added.returncode:
        sys.exit(f"the channel was not added: {added.stderr}")
    opt.path, opt.secret = json.loads(added.stdout)["webhook"], world["app_secret"]
    opt.number, opt.account = world["phone_number_id"], world["business_account"]
    serve, listening = start("serve", "--http", "127.0.0.1:0")
    host, _, port = listening["listening"].rpartition(":")
    opt.address = (host, int(port))

    here, there = multiprocessing.Pipe()
    flood(opt, range(opt.customers), there)
    here.recv()
    while waiting(opt):
        time.sleep(.1)

    screen = Screen(desk(), env)
    try:
        if screen.read(b"Customer", 20) is None:
            sys.exit("the screen does not show the list")
        screen.press("\x1b", .5)
        screen.press("\r", 1)
        screen.press("r", 1)
        measure(opt, screen, serve, here, there)
    finally:
        os.kill(screen.pid, signal.SIGTERM)
        os.close(screen.tty)
        os.waitpid(screen.pid, 0)


def measure(opt, screen, serve, here, there):
    def typed(go_on):
        times, late = [], 0
        while go_on() or len(times) < 50:
            time.sleep(random.uniform(.03, .09))
            took = screen.type(LETTERS[(len(times) + late) % len(LETTERS)])
            if took is None:
                late += 1
            else:
                times.append(took)
            if (len(times) + late) % 40 == 0:
                screen.press("\x15", .05)
        return times, late

    quiet, _ = typed(lambda: False)
    told("letters while nothing comes", quiet)
    before, began, bytes_before = cost(screen.pid)[0], time.perf_counter(), screen.bytes
    load = multiprocessing.Process(target=flood, args=(opt, range(opt.customers, opt.customers + opt.events), there))
    load.start()
    looked = [0.0, True]

    def busy():
        if time.perf_counter() - looked[0] > 1:
            looked[:] = time.perf_counter(), load.is_alive() or waiting(opt) > 0
        return looked[1]

    # The answers are many: they are taken while the keys go on, so that the load is not held up at its end.
    answers = None

    def going():
        nonlocal answers
        if answers is None and here.poll():
            answers = here.recv()
        return busy()
    times, late = typed(going)
    took = time.perf_counter() - began
    answers = answers or here.recv()
    load.join()
    told(f"letters while {opt.events} events came", times)
    if late:
        print(f"{late} letters were not shown within five seconds")
    acknowledged, refused, seconds = answers
    told(f"webhooks answered over {opt.connections} connections, {len(acknowledged) / seconds:.0f}/s ({refused} refused and sent again)", acknowledged)
    processor, peak = cost(screen.pid)
    print(f"the screen: {processor - before:.1f} s of processor time in {took:.1f} s, {screen.bytes - bytes_before} bytes, at most {peak:.1f} MiB")
    processor, peak = cost(serve.pid)
    print(f"serve: {processor:.1f} s of processor time, at most {peak:.1f} MiB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frontdesk", default="target/release/frontdesk", help="the program")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--customers", type=int, default=500)
    opt = parser.parse_args()
    opt.frontdesk = os.path.abspath(opt.frontdesk)
    folder, started = tempfile.mkdtemp(prefix="frontdesk-flood-"), []
    try:
        run(opt, folder, started)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
