"""When a delivery was first due, and what came from outside already."""

from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_start")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="since",
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Received",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.TextField()),
                ("message_id", models.TextField()),
                ("at", models.DateTimeField(db_index=True)),
                ("body", models.JSONField(null=True)),
            ],
            options={
                "db_table": "ledger_received",
                "constraints": [
                    models.UniqueConstraint(fields=("source", "message_id"), name="one_message_an_id"),
                ],
            },
        ),
    ]
