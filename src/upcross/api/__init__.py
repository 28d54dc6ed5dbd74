"""The interface for programs: `/api/v1`, over HTTP and JSON, under the permissions that people have."""
