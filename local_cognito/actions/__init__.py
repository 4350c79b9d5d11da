"""The actions of the Cognito API, one function each, grouped as the API's guide groups them."""

from __future__ import annotations
