"""The numbers of a window: retention, the bridge, each motion's metrics, the lines behind them, finance's totals."""
