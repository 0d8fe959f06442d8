"""What is told while a fit runs: lines of text for verbose, and the tasks of sklearn.callback.

All of them take (run, turn, J_assign, J_update, shift), and what they return that is true ends the fit.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

try:
    from sklearn.callback import CallbackSupportMixin
    from sklearn.callback import with_callbacks as managed
except ImportError:  # scikit-learn before 1.9 has no callbacks
    managed = None

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """In the place of scikit-learn's."""


OnTurn = Callable[[int, int, float, float, float], object]
Method = TypeVar("Method", bound=Callable[..., Any])

# What scikit-learn keeps in an estimator until its fit is over.
UNDER_WAY = ("_callback_fit_ctx", "_skl_callbacks_to_teardown")

# The stack level, for warnings, of who called fit, from a method that fit calls.
CALLER = 4 if managed else 3

__all__ = ["CALLER", "UNDER_WAY", "CallbackSupportMixin", "OnTurn", "Report", "StepReport", "Tasks", "tell", "with_callbacks"]


def with_callbacks(method: Method) -> Method:
    """Return a fit that takes leave of sklearn's callbacks in the end, whatever happens."""
    return cast(Method, managed(method)) if managed else method


def tell(*listeners: OnTurn | None) -> OnTurn | None:
    """Return what tells all of them."""
    those = [one for one in listeners if one]

    def all_of_them(*turn: Any) -> bool:
        said = [one(*turn) for one in those]
        return any(said)

    return all_of_them if those else None


class Report:
    """What verbose prints, in scikit-learn's words: a line a turn, and why each run ended."""

    def __init__(self, tol: float, max_iter: int) -> None:
        self.tol, self.max_iter = tol, max_iter
        self.last: tuple[int, int, float] | None = None  # run, turn and shift of the last turn

    def __call__(self, run: int, turn: int, J_assign: float, J_update: float, shift: float) -> None:
        """Take a turn."""
        if turn == 1:
            self.end()
            print("Initialization complete")
        print(f"Iteration {turn - 1}, inertia {J_assign}.")
        self.last = (run, turn, shift)

    def end(self, stop: str = "") -> None:
        """Say why the run that is over ended."""
        if self.last is None:
            return
        _, turn, shift = self.last
        if shift == 0:
            print(f"Converged at iteration {turn - 1}: strict convergence.")
        elif turn < self.max_iter:
            print(
                f"Converged at iteration {turn - 1}: center shift {shift} within tolerance {self.tol} times the mean "
                "variance of the features."
            )
        self.last = None


class StepReport:
    """What verbose prints of mini-batch k-means: a line a step, and why it ended."""

    def __init__(self) -> None:
        self.steps = 0

    def __call__(self, run: int, turn: int, J_assign: float, J_update: float, shift: float) -> None:
        """Take a step."""
        print(f"Minibatch step {turn}: batch inertia: {J_assign}")
        self.steps = turn

    def end(self, stop: str) -> None:
        """Say why there are no more steps."""
        why = {"tolerance": "small centers change", "no_improvement": "lack of improvement in inertia"}
        if stop in why:
            print(f"Converged ({why[stop]}) at step {self.steps}")


class Tasks:
    """A fit as sklearn.callback sees it: a task "fit", in it one for every run, in that one for every turn.

    Both hooks of a turn are called when it is over.
    """

    def __init__(self, estimator: Any, runs: int, turns: int | None, **given: Any) -> None:
        self.estimator, self.turns, self.given = estimator, turns, given
        self.run: int | None = None
        self.root: Any = None
        self.task: Any = None
        self.wanted = bool(getattr(estimator, "_skl_callbacks", None))
        if hasattr(estimator, "_init_callback_context"):
            self.root = estimator._init_callback_context(max_subtasks=runs)
            self.root.call_on_fit_task_begin(estimator=estimator, **given)

    def __call__(self, run: int, turn: int, J_assign: float, J_update: float, shift: float) -> bool:
        """Take a turn; whether a callback says to stop."""
        if run != self.run:
            self.end_run()
            self.run, self.task = run, self.root.subcontext(task_name="run", max_subtasks=self.turns)
            self.task.call_on_fit_task_begin(estimator=self.estimator, **self.given)
        one = self.task.subcontext(task_name="turn")
        one.call_on_fit_task_begin(estimator=self.estimator, **self.given)
        stop: bool = one.call_on_fit_task_end(estimator=self.estimator, **self.given)
        return stop

    def end_run(self) -> None:
        """Close the task of the run that is over."""
        if self.task:
            self.task.call_on_fit_task_end(estimator=self.estimator, **self.given)
            self.task = None

    def end(self) -> None:
        """Close all tasks; the estimator is fitted."""
        self.end_run()
        if self.root:
            self.root.call_on_fit_task_end(estimator=self.estimator, reconstruction_attributes={}, **self.given)
