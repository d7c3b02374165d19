"""The addresses of accounts: `api_urlpatterns` under /api/, `page_urlpatterns` under /."""

from django.urls import path

from project.accounts import api, pages

api_urlpatterns = [
    path("auth/signup/", api.SignupView.as_view()),
    path("auth/login/", api.LoginView.as_view()),
    path("auth/logout/", api.LogoutView.as_view()),
    path("auth/logoutall/", api.LogoutAllView.as_view()),
    path("auth/password/", api.PasswordView.as_view()),
    path("auth/ticket/", api.TicketView.as_view()),
    path("me/", api.MeView.as_view()),
]

page_urlpatterns = [
    path("accounts/login/", pages.LoginPage.as_view(), name="login"),
    path("accounts/signup/", pages.SignupPage.as_view(), name="signup"),
    path("accounts/logout/", pages.LogoutPage.as_view(), name="logout"),
    path("accounts/password/", pages.PasswordPage.as_view(), name="password"),
]
