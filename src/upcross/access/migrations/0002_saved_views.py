from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Pages as people want them again."""

    dependencies = (("access", "0001_start"),)

    operations = (
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("page", models.TextField(db_index=True)),
                ("name", models.TextField()),
                ("query", models.TextField()),
                ("shared", models.BooleanField(default=False)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_saved_view",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "page", "name"), name="one_view_a_name"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ViewMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starred", models.BooleanField(default=False)),
                ("is_default", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="view_marks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "view",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="access.savedview"
                    ),
                ),
            ],
            options={
                "db_table": "access_view_mark",
                "constraints": [models.UniqueConstraint(fields=("view", "user"), name="one_mark_a_person")],
            },
        ),
    )
