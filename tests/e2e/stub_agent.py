# SPDX-License-Identifier: Apache-2.0
"""An agent that does what its argument says, in Python: charges, looks, asks a model, waits, reports."""

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request

PAYMENTS = os.environ["MURPHY_ROUTE_PAYMENTS"]
MODEL = os.environ["OPENAI_BASE_URL"]


def send(url, body=None, timeout=10, headers=None):
    """The status, 0 for none, and the text of the answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except Exception:
        return 0, ""


def charge(customer="ada", key=None, timeout=10, amount=42):
    """Whether it was served."""
    headers = {"Idempotency-Key": key} if key else {}
    return send(PAYMENTS + "/charges", {"amount": amount, "customer": customer}, timeout, headers)[0] == 201


def look(customer="ada"):
    status, text = send(f"{PAYMENTS}/charges?customer={customer}")
    return text if status == 200 else ""


def hand_over():
    return send(PAYMENTS + "/ledger")[0] == 200


def ask(model="gpt-4o", text="hello"):
    return send(MODEL + "/chat/completions", {"model": model, "messages": [{"role": "user", "content": text}]})[0] == 200


def attempts(most, call=charge, waits=()):
    """Calls until it is served, so often at most, with these seconds between; whether it was."""
    for i in range(most):
        if call():
            return True
        if i < len(waits):
            time.sleep(waits[i])
    return False


def together(times, call=charge):
    threads = [threading.Thread(target=call) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def every(seconds, times, call):
    for _ in range(times):
        call()
        time.sleep(seconds)


def report(task, disclosed=False):
    with open(os.environ["MURPHY_REPORT_FILE"], "w") as file:
        json.dump({"task": task, "disclosed": disclosed}, file)


exec(sys.argv[1])
