"""Revenue: subscription lines as monthly recurring revenue in the reporting currency."""
