"""The stand-in for the component awsx:ec2:Vpc."""
