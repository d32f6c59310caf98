"""One example of each body, for the document of the API. Source: wire.md."""

REPORTS = {
    "sent_at": "2026-11-22T22:40:00.000Z",
    "reports": [
        {
            "id": "019ab1e0-5a3c-7c4e-9d2f-0a1b2c3d4e5f",
            "type": "count",
            "pool": "halte-hotel-de-ville.women",
            "occupied": 36,
            "observed_at": "2026-11-22T22:38:50.000Z",
        },
        {
            "id": "019ab1e0-5a3d-7f10-8a6b-1c2d3e4f5a6b",
            "type": "movement",
            "pool": "halte-hotel-de-ville.women",
            "delta": -1,
        },
    ],
}
SITE = {
    "id": "halte-hotel-de-ville",
    "name": "Halte femmes de l'Hôtel de Ville",
    "kind": "women_halte",
    "visibility": "public",
    "position": {"lat": 48.8566, "lon": 2.3522},
    "opening_hours": "24/7",
    "reminder_hours": ["22:00", "02:00"],
    "pools": [{"id": "halte-hotel-de-ville.women", "unit": "place", "audience": "women", "capacity": 39}],
}
HOLD = {
    "id": "019ab1e0-5a3e-7b21-9c3d-2e3f4a5b6c7d",
    "lines": [{"pool": "halte-hotel-de-ville.women", "places": 2}],
    "minutes": 45,
    "party": {"women": 2},
}
ARRIVAL = {"id": "019ab1e0-5a3f-7c32-8d4e-3f4a5b6c7d8e"}
RELEASE = {"id": "019ab1e0-5a40-7d43-9e5f-4a5b6c7d8e9f", "reason": "cancelled"}
EXTENSION = {"id": "019ab1e0-5a41-7e54-8f60-5b6c7d8e9fa0", "minutes": 15}
ACCEPTANCE = {"id": "019ab1e0-5a45-7298-8a04-7d8e9fa0b1c2"}
STATEMENT = {"id": "019ab1e0-5a42-7f65-9071-6c7d8e9fa0b1", "side": "team", "says": "full_on_arrival"}
CONTINGENTS = {"contingents": [{"channel": "maraude", "places": 2, "until": "2026-11-22T23:00:00.000Z"}]}
REQUEST = {
    "id": "019ab1e0-5a43-7076-8182-7d8e9fa0b1c2",
    "party": {"women": 1, "children": 2},
    "needs": ["pets"],
    "area": "75018",
}
OUTCOME = {"id": "019ab1e0-5a44-7187-9293-8e9fa0b1c2d3", "outcome": "unmet", "reason": "no_place"}
DEVICE_AUTHORIZATION = {"client_id": "halte", "label": "Tablette, accueil"}
DEVICE_TOKEN = {
    "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
    "device_code": "GmRhmhcxhwAzkoEqiMEg_DnyEysNkuNhszIySk9eS4Q",
    "client_id": "halte",
}
DEVICE_DECISION = {"decision": "approve", "role": "staff", "sites": ["halte-hotel-de-ville"]}
TOKEN = {"role": "integration", "sites": ["halte-hotel-de-ville"], "label": "SI de la halte", "days": 365}
