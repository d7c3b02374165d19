"""The pages of signing up, in and out and of the password. They need no script."""

from abc import ABC, abstractmethod
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login, views
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from project.accounts import services
from project.accounts.forms import PasswordForm, SignInForm, SignUpForm, show_refusal
from project.accounts.models import User
from project.errors import AppError, RateLimited

_BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginPage(views.LoginView):
    """Sign in; who is signed in already goes on."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(demo=settings.WORKROOM_IS_DEVELOPMENT, signup_open=settings.WORKROOM_SIGNUP, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        return tell_wait(super().form_invalid(form), form.refusal)


class LogoutPage(views.LogoutView):
    """Sign out, by POST only."""


class ServicePage(FormView[forms.Form], ABC):
    """A form whose work is one service that gives the user to sign in; what it refuses is told in the form."""

    @abstractmethod
    def act(self, cleaned: dict[str, Any]) -> User:
        """Do what the form asks for with its cleaned data, and say who is to be signed in."""

    @method_decorator([sensitive_post_parameters(), never_cache])
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            user = self.act(form.cleaned_data)
        except AppError as error:
            show_refusal(form, error)
            return tell_wait(self.form_invalid(form), error)
        login(self.request, user, backend=_BACKEND)
        return super().form_valid(form)


class SignupPage(views.RedirectURLMixin, ServicePage):
    """Make an account and go on signed in."""

    template_name = "accounts/signup.html"
    form_class = SignUpForm
    next_page = settings.LOGIN_REDIRECT_URL

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())
        if not settings.WORKROOM_SIGNUP:
            return render(request, self.template_name, {"signup_open": False, "refusal": services.SIGNUP_IS_OFF}, status=403)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(next=self.get_redirect_url(), signup_open=True, **kwargs)

    def act(self, cleaned: dict[str, Any]) -> User:
        return services.sign_up(username=cleaned["username"], password=cleaned["password"])


class PasswordPage(LoginRequiredMixin, ServicePage):
    """Change the password: every sign-in ends, and this browser is signed in anew."""

    template_name = "accounts/password.html"
    form_class = PasswordForm
    success_url = settings.LOGIN_REDIRECT_URL

    def act(self, cleaned: dict[str, Any]) -> User:
        user = User.objects.get(username=self.request.user.get_username())
        services.change_password(request=self.request, user=user, **cleaned)
        return user


def tell_wait(response: HttpResponse, error: AppError | None) -> HttpResponse:
    """`response` with the status and header of too many tries, if that is what happened."""
    if isinstance(error, RateLimited):
        response.status_code = error.status
        response["Retry-After"] = str(error.retry_after_s)
    return response
