"""What a write is refused for: types, lengths, codes, what must be there, what must be unique or known."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Profile, Property, Resource, ValueForm
from specbridge.model.values import Json, Path
from specbridge.sandbox.anysystem.records import Held, Records, texts_at
from specbridge.sandbox.anysystem.refusals import refuse, refuse_taken
from specbridge.sandbox.anysystem.values import Row, states, value_at

_TYPES: Mapping[ValueType, tuple[type, ...]] = {
    ValueType.STRING: (str,),
    ValueType.INTEGER: (int,),
    ValueType.FLOAT: (int, float),
    ValueType.DECIMAL: (int, float, str),
    ValueType.BOOLEAN: (bool,),
    ValueType.DATE: (str,),
    ValueType.DATETIME: (str,),
    ValueType.LIST: (list,),
    ValueType.OBJECT: (dict,),
}
_EPOCHS = (ValueForm.EPOCH_SECONDS, ValueForm.EPOCH_MILLISECONDS)


@dataclass(frozen=True, slots=True)
class Checking:
    """Checks what is sent against a profile, and against the other records."""

    profile: Profile
    kinds: Mapping[str, Records]

    def creation(self, resource: Resource, row: Row) -> None:
        """Raise the refusal of a record that cannot be made."""
        for prop in _plain(resource):
            # Of an object's parts only once another part is there.
            asked = len(prop.path) == 1 or bool(value_at(row, prop.path[:-1]))
            if prop.required and asked and value_at(row, prop.path) in (None, prop.clear, ""):
                raise refuse(self.profile, 422, f"{_name(prop.path)} must be there")
        self._values(resource, row, None)

    def update(self, resource: Resource, row: Row, one: Held) -> None:
        """Raise the refusal of changed values that a record cannot take."""
        omitted = resource.update.omits if resource.update is not None else ()
        for path in omitted:
            if states(row, path):
                raise refuse(self.profile, 422, f"{_name(path)} is read-only")
        for prop in _plain(resource):
            fixed = prop.create_only and states(row, prop.path)
            if fixed and value_at(row, prop.path) != value_at(one.row, prop.path):
                raise refuse(self.profile, 422, f"{_name(prop.path)} is given on creation alone")
        self._values(resource, row, one)

    def _values(self, resource: Resource, row: Row, one: Held | None) -> None:
        for prop in _plain(resource):
            value = value_at(row, prop.path)
            if prop.read_only or value is None or value == prop.clear:
                continue
            if not _fits(prop, value):
                raise refuse(self.profile, 422, f"{_name(prop.path)} cannot be {value!r}")
            if prop.max_length is not None and len(str(value)) > prop.max_length:
                raise refuse(self.profile, 422, f"{_name(prop.path)} is too long")
            if prop.unique and self._is_taken(resource, prop, value, one):
                raise refuse_taken(self.profile, resource, prop.path, value)
            self._check_reference(prop, value)

    def _is_taken(self, resource: Resource, prop: Property, value: Json, one: Held | None) -> bool:
        def key(text: str) -> str:
            return text.casefold() if prop.case_insensitive else text

        others = (each for each in self.kinds[resource.name].present() if each is not one)
        return any(key(texts_at(each, prop.path)) == key(str(value)) for each in others)

    def _check_reference(self, prop: Property, value: Json) -> None:
        target = self.kinds.get(prop.reference or "")
        if target is not None and target.find(str(value)) is None:
            text = f"{_name(prop.path)}: there is no {target.resource.name} {value!r}"
            raise refuse(self.profile, 422, text)


def _plain(resource: Resource) -> Iterator[Property]:
    """Yield the properties that do not lie in lists."""
    for prop in resource.properties:
        if not any(step.endswith("[]") for step in prop.path):
            yield prop


def _fits(prop: Property, value: Json) -> bool:
    if prop.codes:
        return any(value == code and type(value) is type(code) for code in prop.codes.values())
    form = prop.sent or prop.form
    if form is ValueForm.TEXT:
        return isinstance(value, str)
    if form in _EPOCHS:
        return isinstance(value, int) and not isinstance(value, bool)
    wanted = _TYPES.get(prop.type)
    if wanted is None:
        return True
    # Python takes a truth for a number.
    return isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))


def _name(path: Path) -> str:
    return ".".join(path)
