"""Training of models for a knowledge graph. Importing this loads no torch."""

from kgqa.training.model_training import QuestionSource, TrainingProgress, TrainingResult, train
from kgqa.training.settings import TrainingSettings

__all__ = ["QuestionSource", "TrainingProgress", "TrainingResult", "TrainingSettings", "train"]
