# SPDX-License-Identifier: Apache-2.0
"""`python -m agent.intake` prints the API's OpenAPI document, as docs/openapi.json keeps it."""

from __future__ import annotations

from agent.intake.routes import openapi_text

if __name__ == "__main__":
    print(openapi_text(), end="")
