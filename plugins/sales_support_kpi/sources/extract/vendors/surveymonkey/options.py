"""`options:` of a source of kind surveymonkey: which survey is which, and where things stand in it.

Questions are named by id or by heading.
"""

from typing import Annotated

from pydantic import BeforeValidator, Field, Strict, model_validator

from sales_support_kpi.config.base import Flag, Model, Number, Str, repeated
from sales_support_kpi.config.problems import wrong
from sales_support_kpi.sources.extract.options import (
    ExtractOptions,
    Name,
    SurveyName,
    as_written,
)

SurveyId = Annotated[str, Strict(), Field(pattern=r"^\d+$"), BeforeValidator(as_written)]


class Place(Model):
    """Where something stands in a response: exactly one of these.

    Attributes:
        variable: a custom variable of the link that led to the survey.
        question: a question answered in words.
    """

    variable: Str | None = None
    question: Name | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Place":
        if sum(value not in (None, False) for _, value in self) != 1:
            raise wrong(f"give exactly one of {', '.join(type(self).model_fields)}")
        return self


class Respondent(Place):
    """Who answered: an id that another system knows, or an e-mail address.

    Attributes:
        email_variable: a custom variable that holds the address.
        email_question: a question that asks for it.
        contact: the address the invitation was sent to.
    """

    email_variable: Str | None = None
    email_question: Name | None = None
    contact: Flag = False

    @property
    def is_email(self) -> bool:
        """Whether it is an address that says who it was."""
        return bool(self.email_variable or self.email_question or self.contact)


class Survey(Model):
    """One survey.

    Attributes:
        survey: which of the measured surveys it is.
        score: the question that is the score.
        row: the row of it that counts, by id or text, where a matrix has several.
        weights: choice, by id or text → what it counts, where the survey gives no weights.
        scale: the smallest and the largest score; left out, those of the weights.
        comment: the question answered in words.
        request: where the id of the request stands.
        respondent: where it stands who answered.
    """

    id: SurveyId
    survey: SurveyName
    score: Name
    row: Name | None = None
    weights: dict[Name, Number] = Field(default_factory=dict)
    scale: tuple[Number, Number] | None = None
    comment: Name | None = None
    request: Place | None = None
    respondent: Respondent | None = None

    @model_validator(mode="after")
    def _scale_rises(self) -> "Survey":
        if self.scale and self.scale[0] >= self.scale[1]:
            raise wrong("scale: the first number must be smaller than the second")
        return self

    @property
    def variables(self) -> dict[str, str]:
        """Where in the options → the custom variable, for every one that is named."""
        who = self.respondent
        named = {
            "request.variable": self.request and self.request.variable,
            "respondent.variable": who and who.variable,
            "respondent.email_variable": who and who.email_variable,
        }
        return {where: name for where, name in named.items() if name}

    @property
    def questions(self) -> dict[str, str]:
        """Where in the options → the question, for every question that is named."""
        named = {
            "score": self.score,
            "comment": self.comment,
            "request.question": self.request and self.request.question,
            "respondent.question": self.respondent and self.respondent.question,
            "respondent.email_question": self.respondent and self.respondent.email_question,
        }
        return {where: name for where, name in named.items() if name}


class Options(ExtractOptions):
    """What a company says of its SurveyMonkey."""

    surveys: Annotated[tuple[Survey, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_once(self) -> "Options":
        for name in repeated(one.id for one in self.surveys):
            raise wrong(f"surveys: {name} is listed twice")
        return self
