"""Who may do what on a board."""

from uuid import UUID

from boards.events import MemberAdded, MemberChanged, MemberRemoved
from boards.models import Membership
from boards.wire import MemberObject, to_wire
from project.accounts.models import User
from project.errors import Conflict, Invalid, NotFound
from project.realtime.change import Change
from project.realtime.streams import Role, StreamKey


def add_member(*, ch: Change, board_id: UUID, username: str, role: Role) -> Membership:
    """The membership of the user of that name; one who is a member already stays as they are."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Invalid("There is no such user.", fields={"username": ["Nobody is registered under this name."]})
    member, is_new = Membership.objects.select_related("user").get_or_create(
        board_id=board_id, user=user, defaults={"role": role, "created": ch.now}
    )
    if is_new:
        ch.append(MemberAdded(member=MemberObject.of(member)), StreamKey.board(board_id))
    return member


def change_member(*, ch: Change, board_id: UUID, user_id: UUID, role: Role) -> Membership:
    """The membership with its new role; the last owner stays one."""
    member = _get_member(board_id, user_id)
    if member.role == role:
        return member
    _check_not_last_owner(member)
    member.role = role
    member.save(update_fields=["role"])
    ch.append(MemberChanged(member=MemberObject.of(member)), StreamKey.board(board_id))
    ch.access_changed(user_id=user_id)
    return member


def remove_member(*, ch: Change, board_id: UUID, user_id: UUID) -> Membership:
    """End a membership and send the user's sockets away; what they are assigned stays as it is."""
    member = _get_member(board_id, user_id)
    _check_not_last_owner(member)
    told = MemberObject.of(member)
    member.delete()
    ch.append(MemberRemoved(member=told), StreamKey.board(board_id))
    ch.access_changed(user_id=user_id)
    return member


def _get_member(board_id: UUID, user_id: UUID) -> Membership:
    member = Membership.objects.select_related("user").filter(board_id=board_id, user_id=user_id).first()
    if member is None:
        raise NotFound
    return member


def _check_not_last_owner(member: Membership) -> None:
    if member.role != "owner":
        return
    others = Membership.objects.filter(board_id=member.board_id, role="owner", user__is_active=True).exclude(pk=member.pk)
    if not others.exists():
        raise Conflict(
            "A board keeps at least one owner. Make somebody else owner first.", data={"member": to_wire(MemberObject.of(member))}
        )
