"""The forms of signing in, signing up and changing the password: plain Django forms that work without scripts."""

from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from project.accounts.guard import check_try
from project.accounts.services import WRONG_SIGN_IN, plain
from project.accounts.wire import MAX_PASSWORD_CHARS
from project.errors import AppError, RateLimited


class PasswordField(forms.CharField):
    """A password, taken as typed but for its Unicode form."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, max_length=MAX_PASSWORD_CHARS, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str | None:
        text = super().to_python(value)
        return plain(text) if text else text


class Guarded(AuthenticationForm):
    """A sign-in form that counts tries; `refusal` tells when there were too many."""

    password = PasswordField(label="Password", autocomplete="current-password")
    refusal: RateLimited | None = None

    def clean(self) -> dict[str, Any]:
        if self.request is not None and self.cleaned_data.get("username"):
            try:
                check_try(self.request, self.cleaned_data["username"])
            except RateLimited as error:
                self.refusal = error
                raise ValidationError(error.message, code=error.code) from error
        cleaned: dict[str, Any] = super().clean()
        return cleaned


class SignInForm(Guarded):
    """For people: agents have no pages."""

    error_messages = {"invalid_login": WRONG_SIGN_IN, "inactive": WRONG_SIGN_IN}

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].label = "Username"

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if user.is_agent:
            raise self.get_invalid_login_error()


class AdminSignInForm(Guarded, AdminAuthenticationForm):
    """The admin's own sign-in, under the same limit."""


class SignUpForm(forms.Form):
    """A name and a password, the rules told before the first mistake."""

    username = UsernameField(
        label="Username",
        max_length=150,
        help_text="Letters, digits and @ . + - _",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
    password = PasswordField(label="Password", autocomplete="new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_validators_help_text_html()


class PasswordForm(forms.Form):
    """The old password and the new one."""

    old_password = PasswordField(label="Current password", autocomplete="current-password")
    new_password = PasswordField(label="New password", autocomplete="new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password"].help_text = password_validators_help_text_html()


def show_refusal(form: forms.Form, error: AppError) -> None:
    """Put what a service refused at the fields it names, or else above the form."""
    for name, messages in (error.fields or {}).items():
        form.add_error(name, list(messages))
    if not error.fields:
        form.add_error(None, error.message)
