"""What may go wrong with a model: one class per named reason a run can fail for, with what to do about it.

Types of their own, so that nobody mistakes a busy provider for a busy database.
"""

from typing import ClassVar

from project.errors import AppError


class ModelError(AppError):
    """The model gave no answer, and asking again would not help. `hint` tells people what would."""

    code, status, default_message = "model_refused", 502, "The model provider refused the request."
    hint: ClassVar[str] = "Read what the provider says, and look at the agent's model settings."


class ModelKeyRefused(ModelError):
    code, default_message = "model_key_refused", "The model provider did not accept the key."
    hint = "Set WORKROOM_MODEL_API_KEY (or the agent's api_key) to a valid key, restart, and retry the run."


class ModelUnknown(ModelError):
    code, default_message = "model_unknown", "The model provider does not know the model."
    hint = "Set WORKROOM_MODEL (or the agent's model) to a name that the provider lists, restart, and retry the run."


class ModelQuota(ModelError):
    code, default_message = "model_quota", "The account at the model provider has no credit left."
    hint = "Add credit or raise the spending limit at the provider, then retry the run."


class ModelContextFull(ModelError):
    code, default_message = "model_context_full", "The request is longer than the model's window."
    hint = "Set WORKROOM_MODEL_CONTEXT_TOKENS (or the agent's context_tokens) to the model's window, or ask for less at once."


class ModelFiltered(ModelError):
    code, default_message = "model_filtered", "The model provider's content filter withheld the answer."
    hint = "Put the request in other words, or choose another model."


class ModelEndless(ModelError):
    code, default_message = "model_endless", "The model's answer did not come to an end and was cut off."
    hint = "Ask for less at once, set the agent's max_tokens, or choose another model."


class ModelTrouble(ModelError):
    """A failure that may pass: the model is asked again, after `retry_after_s` where the provider names a time."""

    code, status, default_message = "model_failing", 503, "The model provider fails to answer."
    hint = "Look at the provider's status page, and retry the run when it answers."


class ModelBusy(ModelTrouble):
    code, default_message = "model_busy", "The model provider is busy."
    hint = "Retry the run later, or raise the rate limit at the provider."


class ModelUnreachable(ModelTrouble):
    code, default_message = "model_unreachable", "The model provider can't be reached."
    hint = "Check WORKROOM_MODEL_BASE_URL and whether the provider runs, then retry the run."


class ModelTimeout(ModelTrouble):
    code, default_message = "model_timeout", "The model provider took too long."
    hint = "Retry the run later; for a slow model raise model_first_s or model_gap_s in WORKROOM_LIMITS."


class BrokenAnswer(ModelTrouble):
    code, status, default_message = "model_cut", 502, "The model's answer broke off."
    hint = "Retry the run; if it happens again, look at the provider and at what stands between it and this server."


class EmptyAnswer(ModelTrouble):
    code, status, default_message = "model_empty", 502, "The model answered nothing."
    hint = "Retry the run, or choose another model."
