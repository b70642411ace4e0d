"""What the published schema of OSCAL 1.2 assessment results (NIST; oscal_assessment-results_schema.json, a release
asset of usnistgov/OSCAL) asks of the members that a report has, said again in our own words and closed: a member that
is not here is a mistake. The schema itself is looked at too where it is at hand; see report_test.py."""
UUID = {"type": "string", "pattern": r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"}
TIME = {"type": "string", "pattern": r"^(19|2\d)\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ$"}
TOKEN = {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9.\-_]*$"}
STRING = {"type": "string", "pattern": r"^\S(.*\S)?$"}
LINE = {"type": "string", "pattern": r"^[^\n]+$"}
TEXT = {"type": "string"}
REFERENCE = {"type": "string", "pattern": r"^#[0-9a-f-]{36}$"}
URI = {"type": "string", "pattern": r"^[a-zA-Z][a-zA-Z0-9+\-.]+:.+$"}


def word(*words):
    return {"enum": list(words)}


def some(of):
    return {"type": "array", "minItems": 1, "items": of}


def members(optional=None, **needed):
    """Names with _ stand for those with a hyphen."""
    def spelt(table):
        return {name.replace("_", "-"): rule for name, rule in table.items()}
    return {"type": "object", "additionalProperties": False, "required": list(spelt(needed)),
            "properties": {**spelt(needed), **spelt(optional or {})}}


PROPS = some(members(name=TOKEN, value=STRING, optional={"ns": URI}))
OBSERVATION = members(
    uuid=UUID, description=TEXT, methods=some(word("EXAMINE", "INTERVIEW", "TEST", "UNKNOWN")), collected=TIME,
    optional={"title": LINE, "props": PROPS, "expires": TIME,
              "relevant_evidence": some(members(description=TEXT, optional={"href": REFERENCE}))})
STATUS = members(state=word("satisfied", "not-satisfied"), optional={"reason": word("pass", "fail", "other")})
FINDING = members(
    uuid=UUID, title=LINE, description=TEXT,
    target=members(type=word("statement-id", "objective-id"), target_id=TOKEN, status=STATUS),
    optional={"related_observations": some(members(observation_uuid=UUID))})
RESULT = members(
    uuid=UUID, title=LINE, description=TEXT, start=TIME,
    reviewed_controls=members(control_selections=some(members(
        include_controls=some(members(control_id=TOKEN)), optional={"description": TEXT}))),
    optional={"end": TIME, "observations": some(OBSERVATION), "findings": some(FINDING)})
RESOURCE = members(
    uuid=UUID, optional={"title": LINE, "description": TEXT, "base64": members(
        value={"type": "string", "pattern": "^[0-9A-Za-z+/]+={0,2}$"},
        optional={"filename": TOKEN, "media_type": STRING})})
RULES = members(assessment_results=members(
    uuid=UUID,
    metadata=members(title=LINE, last_modified=TIME, version=STRING, oscal_version=word("1.2.0"),
                     optional={"props": PROPS, "remarks": TEXT}),
    import_ap=members(href=REFERENCE), results=some(RESULT),
    optional={"back_matter": members(optional={"resources": some(RESOURCE)})}))
