# SPDX-License-Identifier: Apache-2.0
"""An agent whose runs are short: nothing but bash."""

# Asks once more after an error; without anything but bash, so that a run is short.
AGENT = r"""
ask() {
  address=${MURPHY_ROUTE_UP#http://}
  exec 3<>/dev/tcp/${address%%[:/]*}/$(expr "$address" : '[^:]*:\([0-9]*\)')
  printf 'GET /%s/x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' "${address#*/}" >&3
  read -r _ code _ <&3
  exec 3<&-
  echo "answered $code"
}
BEFORE
ask; [ "$code" = 200 ] || ask; [ "$code" = 200 ]
"""
