"""Users, tokens and tickets in the admin. Users are deactivated, never deleted; of secrets only digests exist, and those stay hidden."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from knox.models import AuthToken

from project.accounts import services
from project.accounts.forms import AdminSignInForm
from project.accounts.models import Ticket, User

admin.site.login_form = AdminSignInForm
admin.site.site_header = admin.site.site_title = "Workroom"


class PersonAdmin(UserAdmin[User]):
    list_display = ("username", "kind", "is_active", "is_staff", "date_joined", "last_login")
    list_filter = ("kind", "is_active", "is_staff", "is_superuser")
    search_fields = ("username", "first_name", "last_name", "email", "id")
    ordering = ("username",)
    readonly_fields = ("id", "last_login", "date_joined")
    fieldsets = ((None, {"fields": ("id", "kind")}), *(UserAdmin.fieldsets or ()))
    actions = ("deactivate", "sign_out_everywhere")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    @admin.action(description="Deactivate the selected users", permissions=["change"])
    def deactivate(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            services.deactivate(user=user)
        self.message_user(request, f"Deactivated {len(users)}. Their sign-ins have ended.", messages.SUCCESS)

    @admin.action(description="Sign the selected users out everywhere", permissions=["change"])
    def sign_out_everywhere(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            services.revoke_everything(user=user)
        self.message_user(request, f"Signed out {len(users)}.", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            services.revoke_everything(user=obj)


class SignInAdmin(admin.ModelAdmin[Any]):
    """Rows that sign-ins make: to be seen and ended, not made or changed by hand."""

    search_fields = ("user__username",)
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TokenAdmin(SignInAdmin):
    list_display = ("user", "begins", "created", "expiry")
    list_filter = ("created", "expiry")
    fields = ("user", "begins", "created", "expiry")

    @admin.display(description="begins with")
    def begins(self, token: AuthToken) -> str:
        """Enough of the token to know it by."""
        return f"{token.token_key[:6]}…"


class TicketAdmin(SignInAdmin):
    list_display = ("user", "sign_in", "expires")
    list_filter = ("expires",)
    fields = ("user", "sign_in", "expires")

    @admin.display(description="sign-in")
    def sign_in(self, ticket: Ticket) -> str:
        """The kind of sign-in behind the ticket, without its key."""
        return ticket.origin.partition(":")[0]


admin.site.register(User, PersonAdmin)
if admin.site.is_registered(AuthToken):
    admin.site.unregister(AuthToken)
admin.site.register(AuthToken, TokenAdmin)
admin.site.register(Ticket, TicketAdmin)
